/** What the ledger counts, for Prometheus: how far it is, and what insights are made of. */
import type { Logger } from 'pino';
import { Gauge, Registry } from 'prom-client';
import type { Histories } from '../history/histories.ts';
import type { Progress } from '../history/history.ts';
import { totalsIn } from '../insights/totals.ts';
import { weekOfTeams } from '../insights/week.ts';
import type { Health } from '../start.ts';
import { type Insights, insightsMetrics } from './insights.ts';

export type Metrics = {
  /** The text exposition of all of it. */
  text(): Promise<string>;
};

export type Watched = {
  /** Those whose logs are sealed. */
  workspaces: () => Iterable<string>;
  historyOf: Histories['of'];
  health: () => Health;
  logger: Logger;
};

type Read = { progress: Progress; insights?: Insights };

/** Opens the registry. Everything is read when it is asked for, and costs the same however long the history is. */
export function openMetrics({ workspaces, historyOf, health, logger }: Watched): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const entries = new Gauge({
    name: 'countersign_ledger_entries',
    help: 'Entries of the sealed log, and how many of them are counted.',
    labelNames: ['workspace', 'state'],
    registers,
  });
  const stuck = new Gauge({
    name: 'countersign_ledger_stuck_workspaces',
    help: 'Workspaces whose log does not move.',
    registers,
  });
  const behind = new Gauge({
    name: 'countersign_ledger_witnesses_behind',
    help: 'Witnesses that do not have the newest checkpoint.',
    registers,
  });
  const showInsights = insightsMetrics(registry);

  async function read(workspace: string): Promise<Read | undefined> {
    const history = await historyOf(workspace);
    if (history === undefined) return undefined;
    const progress = await history.progress();
    return history.insights(async ({ engine, memory, isCurrent }) => {
      // Counted anew, sums begin at 0, and a counter that falls and rises again would count all of it twice.
      if (!isCurrent) return { progress };
      const [totals, portions] = [[...totalsIn(memory)], [...memory.all('portion')]];
      return {
        progress,
        insights: { workspace, totals, portions, week: await weekOfTeams(engine, Date.now()) },
      };
    });
  }

  async function text(): Promise<string> {
    const all = await Promise.all(
      [...workspaces()].map(async (workspace) => {
        // One that can not be read is left out, and takes no other along.
        const known = await read(workspace).catch((error: unknown) => {
          logger.warn({ err: error, workspace }, 'what is counted could not be read for its metrics');
          return undefined;
        });
        return known === undefined ? [] : [{ workspace, ...known }];
      }),
    );
    const known = all.flat();
    entries.reset();
    for (const { workspace, progress } of known) {
      entries.set({ workspace, state: 'sealed' }, progress.sealed);
      entries.set({ workspace, state: 'counted' }, progress.searched);
    }
    const { stuck: logs, behind: witnesses } = health();
    stuck.set(logs.length);
    behind.set(witnesses.length);
    showInsights(known.flatMap(({ insights }) => (insights === undefined ? [] : [insights])));
    return registry.metrics();
  }

  let reading: Promise<string> | undefined;
  return {
    text() {
      // Whoever asks meanwhile is told the same.
      reading ??= text().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}
