/** Insights: figures of how people decide. Whoever reads them is on record. */
import { type FiguresQuery, problem } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { dayMs } from '../../insights/cell.ts';
import { figuresCsv } from '../../insights/csv.ts';
import { figuresOf } from '../../insights/figures.ts';
import { cellSums, inHours, type Window } from '../../insights/sums.ts';
import type { LedgerRoutes } from '../app.ts';

/** The window where none is asked for, ms. */
const ordinary = 30 * dayMs;

const noEngine = () =>
  problem('not_ready', 'Figures can not be had on this machine: the process’s own log says why.');

/** @param now Redis ms */
function windowOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: number): Window {
  const end = to === undefined ? now : Date.parse(to);
  return inHours(from === undefined ? end - ordinary : Date.parse(from), end);
}

const withinOf = ({ tool, rule, tier, team }: Partial<FiguresQuery>) => ({ tool, rule, tier, team });

const given = (query: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));

const csvType = { 'Content-Type': 'text/csv; charset=utf-8' };

/** Mounts them. */
export function insightsRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.figures, async ({ caller, query, historyOf, onRecord, c }) => {
    const history = await historyOf(caller.workspace);
    if (history === undefined) return noEngine();
    const window = windowOf(query, Date.now());
    const progress = await history.progress();
    const figures = await history.insights(async ({ engine, memory }) =>
      figuresOf(await cellSums(engine, window, withinOf(query)), memory.all('drift'), {
        window,
        by: query.by,
        rule: query.rule,
      }),
    );
    await onRecord.searched(caller, 'insights.read', { of: 'figures', ...given(query) });
    c.header('Cache-Control', 'no-store');
    if (query.format === 'json') return c.json({ ...figures, ...progress });
    c.header('Content-Disposition', 'attachment; filename="figures.csv"');
    return c.body(figuresCsv(figures), 200, csvType);
  });
}
