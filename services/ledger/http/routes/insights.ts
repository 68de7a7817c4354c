/** Insights: figures of how people decide. Whoever reads them is on record. */
import { type FiguresQuery, type Problem, problem } from '@countersign/shared/contracts';
import { type Env, ledgerCalls } from '@countersign/shared/http';
import type { Context } from 'hono';
import type { Caller } from '../../access/keys.ts';
import type { History, Progress } from '../../history/history.ts';
import { dayMs } from '../../insights/cell.ts';
import { figuresCsv, hoursCsv, trendCsv } from '../../insights/csv.ts';
import { chartsIn } from '../../insights/drift.ts';
import { figuresOf, linksOf } from '../../insights/figures.ts';
import { loadFigures } from '../../insights/load.ts';
import { mineOf } from '../../insights/mine.ts';
import { cellSums, daySums, hourSums, inHours, peopleIn, type Window } from '../../insights/sums.ts';
import { trendOf } from '../../insights/trend.ts';
import type { LedgerRoutes, World } from '../app.ts';

/** The window where none is asked for, ms; and the longest of which hours are told. */
const ordinary = 30 * dayMs;
const longestInHours = 92 * dayMs;

/** @param now Redis ms */
function windowOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: number): Window {
  const end = to === undefined ? now : Date.parse(to);
  return inHours(from === undefined ? end - ordinary : Date.parse(from), end);
}

const printed = ({ from, to }: Window) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

const withinOf = ({ tool, rule, tier, team }: Partial<FiguresQuery>) => ({ tool, rule, tier, team });

type Asked = Pick<World, 'historyOf' | 'onRecord'> & {
  caller: Caller;
  c: Context<Env>;
  query: { from?: string | undefined; to?: string | undefined; format?: 'json' | 'csv' };
};

/** Reads figures, has it on record that they were read, and answers with them. */
async function answer<T extends object>(
  { caller, historyOf, onRecord, c, query }: Asked,
  of: string,
  read: (history: History, window: Window) => Promise<T>,
  csv?: (figures: T) => string,
): Promise<Response | Problem> {
  const history = await historyOf(caller.workspace);
  if (history === undefined)
    return problem('not_ready', 'Figures can not be had on this machine: the process’s own log says why.');
  const window = windowOf(query, Date.now());
  const progress: Progress = await history.progress();
  const figures = await read(history, window);
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  await onRecord.searched(caller, 'insights.read', { of, ...Object.fromEntries(given) });
  c.header('Cache-Control', 'no-store');
  if (query.format !== 'csv' || csv === undefined) return c.json({ ...figures, ...progress });
  c.header('Content-Disposition', `attachment; filename="${of}.csv"`);
  return c.body(csv(figures), 200, { 'Content-Type': 'text/csv; charset=utf-8' });
}

/** Mounts them. */
export function insightsRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.figures, (call) => {
    const { by, rule } = call.query;
    return answer(
      call,
      'figures',
      (history, window) =>
        history.insights(async ({ engine, memory }) =>
          figuresOf(await cellSums(engine, window, withinOf(call.query)), chartsIn(memory), {
            ...{ window, by, rule },
          }),
        ),
      figuresCsv,
    );
  });

  routes.add(ledgerCalls.trend, (call) =>
    answer(
      call,
      'trend',
      (history, window) =>
        history.insights(async ({ engine }) => ({
          window: printed(window),
          days: trendOf(await daySums(engine, window, withinOf(call.query))),
        })),
      trendCsv,
    ),
  );

  routes.add(ledgerCalls.load, (call) =>
    answer(
      call,
      'load',
      (history, { from, to }) => {
        const window = { from: Math.max(from, to - longestInHours), to };
        const { team } = call.query;
        return history.insights(async ({ engine }) => {
          const [hours, people] = await Promise.all([
            hourSums(engine, window, team),
            peopleIn(engine, window, team),
          ]);
          return loadFigures(hours, window, people);
        });
      },
      hoursCsv,
    ),
  );

  routes.add(ledgerCalls.mine, (call) => {
    const { owner } = call.caller.key;
    return answer(call, 'mine', (history, window) =>
      history.insights(async ({ engine, memory, names }) => {
        const pseudonym = names.find(owner);
        // Whom the log does not know has decided nothing. No reviewer is called `''`: those sums are of requests.
        const cells = pseudonym ? await cellSums(engine, window, { reviewer: pseudonym }) : [];
        const reader = pseudonym ? memory.get('reader', pseudonym) : undefined;
        return {
          window: printed(window),
          person: owner,
          ...mineOf(cells, reader),
          links: linksOf({ reviewer: owner }, window, '/v1/requests'),
        };
      }),
    );
  });
}
