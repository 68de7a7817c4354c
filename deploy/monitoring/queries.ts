/**
 * PromQL for the figures of the oversight design (docs/oversight.md), from the counts that the ledger's `/metrics` gives:
 * the same formulas, thresholds and least n as the lead's page, by the same names.
 */
import { CAUGHT, LEAST, NEARLY_ALL } from '@countersign/shared/figures';

/** Which series, by which labels they are told apart, and over how long: `30d`, or a dashboard's `$window`. */
export type Of = { by: string; window: string; filter?: string; offset?: string };

/** `k` of `n`, as PromQL. */
export type Counts = { k: string; n: string };

const insights = 'countersign_insights_';

/** How much a counter grew. Whole numbers: where a window begins between two scrapes, Prometheus guesses the rest. */
const grown = (name: string, labels: string, { by, window, filter = '', offset }: Of): string => {
  const chosen = [filter, labels].filter(Boolean).join(',');
  const since = offset === undefined ? '' : ` offset ${offset}`;
  return `round(sum by (${by}) (increase(${insights}${name}{${chosen}}[${window}]${since})))`;
};

const ended = (outcomes: string, of: Of): string => grown('requests_total', `outcome=~"${outcomes}"`, of);

export const decided = (of: Of): string => ended('approved|edited|rejected', of);
export const approvals = (of: Of): Counts => ({ k: ended('approved|edited', of), n: decided(of) });
export const timeouts = (of: Of): Counts => ({
  k: ended('timed_out', of),
  n: ended('approved|edited|rejected|batched|timed_out', of),
});
export const catches = (of: Of): Counts => ({
  k: grown('canaries_total', 'result="caught"', of),
  n: grown('canaries_total', '', of),
});
export const tooFast = (of: Of): Counts => ({
  k: grown('approvals_read_total', 'pace="too_fast"', of),
  n: grown('approvals_read_total', '', of),
});
export const outcomes = (of: Of): string => grown('requests_total', '', of);
export const driftAlarms = (of: Of): string => grown('drift_alarms_total', '', of);

/** The value below which the share `q` lies; nothing where fewer than `LEAST.approval` are known. */
export const quantile = (q: number, histogram: 'wait_seconds' | 'verdict_seconds', of: Of): string =>
  `histogram_quantile(${q}, ${grown(`${histogram}_bucket`, '', { ...of, by: `${of.by}, le` })}) and (${grown(`${histogram}_count`, '', of)} >= ${LEAST.approval})`;

/** The standard normal quantile that leaves 2.5% on each side, as in shared/figures/wilson.ts. */
const z = 1.959963984540054;

function wilson({ k, n }: Counts, sign: '-' | '+', least: number): string {
  const [half, quarter, whole] = [z ** 2 / 2, z ** 2 / 4, z ** 2].map((part) => part.toFixed(6));
  const reach = `${z.toFixed(6)} * sqrt(${k} * (${n} - ${k}) / ${n} + ${quarter})`;
  return `((${k} + ${half} ${sign} ${reach}) / (${n} + ${whole})) and (${n} >= ${least})`;
}

/** Ends of Wilson's 95% interval; nothing below the least n. */
export const low = (counts: Counts, least: number): string => wilson(counts, '-', least);
export const high = (counts: Counts, least: number): string => wilson(counts, '+', least);
export const share = ({ k, n }: Counts, least: number): string => `(${k} / ${n}) and (${n} >= ${least})`;

/** The readings, as numbers that a dashboard gives words and colours. */
export const READINGS = { unknown: 0, mis_tiered: 1, healthy: 2, rubber_stamped: 3 } as const;

const valued = (value: number, where: string): string => `(0 * (${where}) + ${value})`;

/**
 * The four-way reading of what `by` tells apart, as `fourWay` gives it: from what is caught, and only then from how much
 * is approved. Where anything is missing it is unknown.
 */
export function reading(of: Of): string {
  const [approved, caught] = [approvals(of), catches(of)];
  const known = `(${decided(of)} >= ${LEAST.approval})`;
  const [least, most] = [low(caught, LEAST.catchTeam), high(caught, LEAST.catchTeam)];
  const on = `on (${of.by})`;
  const isCaught = `((${least}) > ${CAUGHT.bad}) and ${on} ((${most}) >= ${CAUGHT.good}) and ${on} ${known}`;
  const isMissed = `((${least}) <= ${CAUGHT.bad}) and ${on} ((${most}) < ${CAUGHT.good}) and ${on} ${known}`;
  const quiet = `unless ${on} (${driftAlarms(of)} > 0)`;
  const nearlyAll = `((${low(approved, LEAST.approval)}) >= ${NEARLY_ALL})`;
  return [
    valued(READINGS.rubber_stamped, isMissed),
    valued(READINGS.mis_tiered, `(${isCaught}) and ${on} ${nearlyAll} ${quiet}`),
    valued(READINGS.healthy, `(${isCaught}) unless ${on} ${nearlyAll} ${quiet}`),
    valued(READINGS.unknown, decided(of)),
  ].join(` or ${on} `);
}
