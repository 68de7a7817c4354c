/**
 * Insights for Prometheus: counts, from which a dashboard makes rates with their intervals, and never a rate that hides
 * how many it rests on. Who decided is no label, and what is about how people decide comes in portions of five people
 * (insights/portions.ts).
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { bounds } from '../insights/histogram.ts';
import { addTo, type Counter as Column, histogramIn, type Measures, valueIn } from '../insights/measures.ts';
import type { Portion } from '../insights/portions.ts';
import type { TotalOf } from '../insights/totals.ts';
import type { WeekOfTeam } from '../insights/week.ts';
import { SummedHistogram } from './summed-histogram.ts';

/** What is known of one workspace. */
export type Insights = {
  workspace: string;
  totals: (TotalOf & { sums: Measures })[];
  /** By team. */
  portions: [string, Portion][];
  week: WeekOfTeam[];
};

const seconds = (kind: 'wait' | 'time'): number[] => bounds[kind].map((ms) => ms / 1_000);

/** How a request ended → how many did, each in one of them. */
const outcomes: Record<string, (sums: Measures) => number> = {
  approved: (sums) => valueIn(sums, 'approved') - valueIn(sums, 'edited'),
  edited: (sums) => valueIn(sums, 'edited'),
  rejected: (sums) => valueIn(sums, 'rejected'),
  batched: (sums) => valueIn(sums, 'batched'),
  timed_out: (sums) => valueIn(sums, 'timed_out'),
  cancelled: (sums) => valueIn(sums, 'cancelled'),
};
const answers = ['allowed', 'denied', 'granted'] as const;
const difficulties = ['plain', 'buried'] as const;

const total = (sums: Measures, names: readonly Column[]): number =>
  names.reduce((all, name) => all + valueIn(sums, name), 0);

/** Registers them. What is given to it is what they show from then on. */
export function insightsMetrics(registry: Registry): (all: readonly Insights[]) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'countersign_insights_requests_total',
    help: 'Requests that asked people, by how they ended. approved: as proposed; batched: beyond the one decision that a batch counts as. Canaries are left out.',
    labelNames: ['workspace', 'tool', 'tier', 'team', 'outcome'],
    registers,
  });
  const policy = new Counter({
    name: 'countersign_insights_policy_total',
    help: 'Actions that no person was asked about: allowed or denied by policy, or let through by a standing grant.',
    labelNames: ['workspace', 'tool', 'tier', 'answer'],
    registers,
  });
  const wait = new SummedHistogram(
    'countersign_insights_wait_seconds',
    'From made to decided, seconds.',
    seconds('wait'),
    registry,
  );
  const verdict = new SummedHistogram(
    'countersign_insights_verdict_seconds',
    'What a verdict took, seconds: attention as it was claimed, else since it was opened. Told in portions of five people.',
    seconds('time'),
    registry,
  );
  const read = new Counter({
    name: 'countersign_insights_approvals_read_total',
    help: 'Approvals with a claim of attention and a known text, by whether half of the least time to read it had passed. Told in portions of five people.',
    labelNames: ['workspace', 'team', 'pace'],
    registers,
  });
  const canaries = new Counter({
    name: 'countersign_insights_canaries_total',
    help: 'Canaries that were answered, by how deep the fault lay and whether it was caught. Told in portions of five people.',
    labelNames: ['workspace', 'team', 'difficulty', 'result'],
    registers,
  });
  const alarms = new Counter({
    name: 'countersign_insights_drift_alarms_total',
    help: 'Alarms of the team’s CUSUM on missed canaries. Told in portions of five people.',
    labelNames: ['workspace', 'team'],
    registers,
  });
  const ofTeam = (name: string, help: string): Gauge =>
    new Gauge({ name, help, labelNames: ['workspace', 'team'], registers });
  const driftSum = ofTeam(
    'countersign_insights_drift_sum',
    'The team’s CUSUM on missed canaries as it stands; there is an alarm at 3. Told in portions of five people.',
  );
  const driftCanaries = ofTeam(
    'countersign_insights_drift_canaries',
    'Canaries that the CUSUM has seen: below 20, that it is silent says nothing.',
  );
  const lastAlarm = ofTeam(
    'countersign_insights_drift_last_alarm_timestamp_seconds',
    'When the team’s CUSUM raised its last alarm.',
  );
  const hours = ofTeam('countersign_insights_week_hours', 'Hours of the last seven days that were watched.');
  const arrivals = ofTeam('countersign_insights_week_arrivals', 'Requests that came in these hours.');
  const onDuty = ofTeam(
    'countersign_insights_week_reviewer_hours',
    'Hours in which somebody opened or decided something, each person’s counted, in the last seven days.',
  );
  const busy = ofTeam(
    'countersign_insights_week_busy_ratio',
    'Arrivals × what a verdict took ÷ reviewer hours, of the last seven days; absent before there are 168 hours. Above 0.8 waits grow without bound.',
  );
  const all = [requests, policy, read, canaries, alarms, driftSum, driftCanaries, lastAlarm] as const;

  function showPortion(workspace: string, team: string, { told, drift }: Portion): void {
    const labels = { workspace, team };
    // Nothing of a team is told before its first five people.
    if (Object.keys(told).length === 0) return;
    const [fast, timed] = [
      total(told, ['fast_early', 'fast_late']),
      total(told, ['read_early', 'read_late']),
    ];
    read.inc({ ...labels, pace: 'too_fast' }, fast);
    read.inc({ ...labels, pace: 'slower' }, timed - fast);
    for (const difficulty of difficulties) {
      const caught = valueIn(told, `${difficulty}_caught`);
      canaries.inc({ ...labels, difficulty, result: 'caught' }, caught);
      canaries.inc({ ...labels, difficulty, result: 'missed' }, valueIn(told, difficulty) - caught);
    }
    if (drift === undefined) return;
    alarms.inc(labels, drift.alarms);
    driftSum.set(labels, drift.sum);
    driftCanaries.set(labels, drift.n);
    if (drift.last_alarm !== null) lastAlarm.set(labels, drift.last_alarm / 1_000);
  }

  return (told) => {
    for (const metric of [...all, hours, arrivals, onDuty, busy]) metric.reset();
    const waits = new Map<string, { labels: Record<string, string>; sums: Measures }>();
    for (const { workspace, totals, portions, week } of told) {
      for (const { tool, tier, team, sums } of totals) {
        if (team === '') {
          for (const answer of answers) policy.inc({ workspace, tool, tier, answer }, valueIn(sums, answer));
          continue;
        }
        for (const [outcome, of] of Object.entries(outcomes))
          requests.inc({ workspace, tool, tier, team, outcome }, of(sums));
        const key = JSON.stringify([workspace, tier, team]);
        const there = waits.get(key) ?? { labels: { workspace, tier, team }, sums: {} };
        addTo(there.sums, sums);
        waits.set(key, there);
      }
      for (const [team, portion] of portions) showPortion(workspace, team, portion);
      for (const of of week) {
        const labels = { workspace, team: of.team };
        hours.set(labels, of.hours);
        arrivals.set(labels, of.arrivals);
        onDuty.set(labels, of.reviewerHours);
        if (of.busy !== undefined) busy.set(labels, of.busy);
      }
    }
    wait.show(
      [...waits.values()].map(({ labels, sums }) => ({
        labels,
        counts: histogramIn(sums, 'wait'),
        sum: valueIn(sums, 'waited_ms') / 1_000,
      })),
    );
    verdict.show(
      told.flatMap(({ workspace, portions }) =>
        portions
          .filter(([, { told: sums }]) => valueIn(sums, 'timed') > 0)
          .map(([team, { told: sums }]) => ({
            labels: { workspace, team },
            counts: histogramIn(sums, 'time'),
            sum: valueIn(sums, 'timed_ms') / 1_000,
          })),
      ),
    );
  };
}
