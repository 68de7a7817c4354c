/**
 * `npm run study:alerts`: how often timeouts raise an alert where nothing has changed, and how soon they do where
 * something has. Made-up teams, hour by hour, looked at each hour as the ledger does; with fixed seeds, always the same.
 * Prints the tables of docs/insights.md.
 */
import type { Count } from '@countersign/shared/figures';
import { keyOf } from '../services/ledger/alerts/finding.ts';
import { type Ends, timeoutFindings } from '../services/ledger/alerts/timeouts.ts';
import { type Chance, chance } from './chance.ts';

/** A team of several cells. Shares are of requests that time out. */
export type Team = {
  cells: number;
  /** Requests of a cell on a working day; of those, 85% from 8 to 18. */
  aDay: number;
  /** Timed out in working hours, and how many times as many in the others. */
  share: number;
  others: number;
  /** The standard deviation of the logarithm of each day's own factor. */
  days: number;
  /** From so many hours after the past on, for so many hours, so many time out, everywhere in the team. */
  change?: { after: number; hours: number; share: number };
};

const [dayHours, past] = [24, 29];
const weekend = 0.4;

function poisson(next: Chance, mean: number): number {
  let [n, term] = [0, Math.exp(-mean)];
  for (let left = next() - term; left > 0; left -= term) term *= mean / ++n;
  return n;
}

const normal = (next: Chance): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** How many requests, and how many timeouts, there were before each hour. */
function lived(next: Chance, hours: number, team: Team): Count[] {
  const sums: Count[] = [{ k: 0, n: 0 }];
  let factor = 1;
  for (let hour = 0; hour < hours; hour++) {
    if (hour % dayHours === 0) factor = Math.exp(team.days * normal(next));
    const [clock, day] = [hour % dayHours, Math.floor(hour / dayHours) % 7];
    const [working, off] = [clock >= 8 && clock < 18, day >= 5];
    const n = poisson(next, team.aDay * (off ? weekend : 1) * (working ? 0.085 : 0.15 / 14));
    const since = hour - past * dayHours;
    const { change } = team;
    const changed = change !== undefined && since >= change.after && since < change.after + change.hours;
    const usual = team.share * (working && !off ? 1 : team.others) * factor;
    const share = changed ? change.share : Math.min(0.95, usual);
    let k = 0;
    for (let i = 0; i < n; i++) if (next() < share) k += 1;
    const before = sums[hour] ?? { k: 0, n: 0 };
    sums.push({ k: before.k + k, n: before.n + n });
  }
  return sums;
}

/** How many alerts were raised in so many days after the past, and in which hour the first. */
export function watched(
  seed: number,
  days: number,
  team: Team,
): { raised: number; first: number | undefined } {
  const next = chance(seed);
  const hours = (past + days) * dayHours;
  const cells = Array.from({ length: team.cells }, () => lived(next, hours, team));
  const standing = new Set<string>();
  let raised = 0;
  let first: number | undefined;
  for (let hour = past * dayHours; hour <= hours; hour++) {
    const ends = cells.map((sums, at): Ends => {
      const between = (from: number, to: number): Count => {
        const [a, b] = [sums[from] ?? { k: 0, n: 0 }, sums[to] ?? { k: 0, n: 0 }];
        return { k: b.k - a.k, n: b.n - a.n };
      };
      const back = (day: number): Count => between(hour - (day + 1) * dayHours, hour - day * dayHours);
      const days = Array.from({ length: past - 1 }, (_, day) => back(day + 1));
      return { tool: `tool-${at}`, rules: 'r', tier: 'high', team: 't', now: back(0), days };
    });
    for (const finding of timeoutFindings(ends, { times: 2 })) {
      const key = keyOf(finding);
      if (finding.state === 'off') standing.delete(key);
      if (finding.state !== 'on' || finding.told || standing.has(key)) continue;
      standing.add(key);
      raised += 1;
      first ??= hour - past * dayHours;
    }
  }
  return { raised, first };
}

const even: Team = { cells: 5, aDay: 60, share: 0.05, others: 1, days: 0 };
export const teams: Record<string, Team> = {
  'every day alike, 5% time out': even,
  'every day alike, 0.5% of 200 a day': { ...even, aDay: 200, share: 0.005 },
  'four times as many at night and on weekends, days vary by 30%': {
    ...even,
    share: 0.03,
    others: 4,
    days: 0.3,
  },
  'the same, days vary by 70%': { ...even, share: 0.03, others: 4, days: 0.7 },
};

function falseAlarms(years: number): string[] {
  return Object.entries(teams).map(([name, team]) => {
    let raised = 0;
    for (let seed = 0; seed < years * 2; seed++) raised += watched(seed, 182, team).raised;
    return `| ${name} | ${(raised / years).toFixed(1)} |`;
  });
}

function detection(runs: number): string[] {
  return [0.1, 0.15, 0.25, 0.5].flatMap((share) =>
    [6, 24].map((hours) => {
      const team = { ...even, days: 0.3, change: { after: 8, hours, share } };
      const found = Array.from({ length: runs }, (_, seed) => watched(1_000 + seed, 2, team).first)
        .filter((hour) => hour !== undefined && hour >= 8)
        .map((hour) => (hour ?? 0) - 8)
        .toSorted((a, b) => a - b);
      const middle = found[Math.floor(found.length / 2)];
      const after = middle === undefined ? '' : `${middle} h`;
      return `| ${share * 100}% for ${hours} h | ${Math.round((found.length / runs) * 100)}% | ${after} |`;
    }),
  );
}

if (import.meta.main) {
  console.log('| a team of five tools | false alarms a year |\n|---|---|');
  console.log(falseAlarms(10).join('\n'));
  console.log('\n| from 5% to | found | after, middle |\n|---|---|---|');
  console.log(detection(100).join('\n'));
}
