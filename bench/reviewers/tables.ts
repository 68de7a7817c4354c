/** The tables of the study, in Markdown. */
import { wilson } from '@countersign/shared/figures';
import { chance } from '../chance.ts';
import { median } from '../figures.ts';
import { runsToAlarm } from './power.ts';
import { type Results, STUDY } from './results.ts';
import { everBy, FLAGS, once, said } from './study.ts';
import type { Moment } from './team.ts';

const percent = (share: number): string => `${Math.round(100 * share)}%`;
const precise = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** A share of teams with its interval. */
function ofTeams(k: number, n: number): string {
  const { low, high } = wilson({ k, n });
  return `${percent(k / n)} (${percent(low)}–${percent(high)})`;
}

function middle(moments: readonly Moment[], of: (moment: Moment) => { k: number; n: number }): number {
  return median(moments.map((moment) => of(moment).k / Math.max(1, of(moment).n)));
}

/** What the teams are called, the most frequent first; what fewer than one in twenty are is left out. */
function named(moments: readonly Moment[]): string {
  const counts = new Map<string, number>();
  for (const moment of moments) {
    const { reading, how } = said(moment, once);
    const name = how === undefined ? reading : `${reading}, ${how}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, times]) => times >= moments.length / 20)
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `\`${name}\` ${ofTeams(times, moments.length)}`)
    .join('<br>');
}

/** Each stream and team: medians of the rates, what it is read as after 40 canaries, and how often it was ever flagged by the last. */
export function namesTable(results: Results): string {
  const lines = [
    `| requests | team of ${STUDY.people} | decisions | approved | too fast | caught | read as, at 40 canaries | ${FLAGS.map(({ name }) => `flagged by ${STUDY.canaries}: ${name}`).join(' | ')} |`,
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const { stream, wrong, teams } of results)
    for (const { team, moments } of teams) {
      const at40 = moments.flatMap((of) => of[39] ?? []);
      const ever = FLAGS.map(({ isUp }) => ofTeams(everBy(moments, isUp).at(-1) ?? 0, moments.length));
      const cells = [
        `${stream}, ${percent(wrong)} wrong`,
        team.name,
        String(median(at40.map(({ approvals }) => approvals.n))),
        precise(middle(at40, ({ approvals }) => approvals)),
        percent(middle(at40, ({ tooFast }) => tooFast)),
        percent(middle(at40, ({ caught }) => caught)),
        named(at40),
        ...ever,
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  return lines.join('\n');
}

/** How soon the chart alarms at each share of misses: 20,000 runs of it each. */
export function driftTable(): string {
  const lines = [
    '| canaries missed | canaries until the alarm, mean | alarm within 20 | within 50 |',
    '|---|---|---|---|',
  ];
  const draw = chance(11);
  for (const missed of [0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8]) {
    const runs = runsToAlarm(missed, 20_000, draw);
    const mean = runs.reduce((sum, length) => sum + length, 0) / runs.length;
    const within = (n: number): string => percent(runs.filter((length) => length <= n).length / runs.length);
    lines.push(
      `| ${percent(missed)} | ${mean.toFixed(mean < 100 ? 1 : 0)} | ${within(20)} | ${within(50)} |`,
    );
  }
  return lines.join('\n');
}
