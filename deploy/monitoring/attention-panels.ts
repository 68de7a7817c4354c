/** Whether an approval rate can be trusted: the reading of each team, and what it rests on. */
import { CATCH_DRIFT, LEAST } from '@countersign/shared/figures';
import { byTeam, byTool, interval, ofTeam, watched, withBand } from './chosen.ts';
import { lines, type Panel, row, table } from './looks.ts';
import {
  approvals,
  catches,
  decided,
  driftAlarms,
  high,
  low,
  quantile,
  READINGS,
  reading,
  share,
  timeouts,
  tooFast,
} from './queries.ts';

const shown: Record<keyof typeof READINGS, { text: string; color: string }> = {
  unknown: { text: 'unknown', color: 'text' },
  mis_tiered: { text: 'mis-tiered: caught, and nearly all approved', color: 'blue' },
  healthy: { text: 'healthy', color: 'green' },
  rubber_stamped: { text: 'rubber-stamped: canaries are missed', color: 'red' },
};
const readings = [
  {
    type: 'value',
    options: Object.fromEntries(
      (Object.keys(READINGS) as (keyof typeof READINGS)[]).map((name) => [
        `${READINGS[name]}`,
        { ...shown[name], index: READINGS[name] },
      ]),
    ),
  },
];

export const attentionPanels: Panel[] = [
  row('Can an approval rate be trusted?', 0),
  table(
    {
      title: 'Reading by team',
      description: `What is approved, read together with whether planted canaries are caught (docs/oversight.md). Unknown below ${LEAST.catchTeam} canaries or ${LEAST.approval} decisions, and after a drift alarm in the window. An approval rate alone says nothing.`,
      unit: 'short',
      queries: [
        { refId: 'A', expr: reading(byTeam) },
        { refId: 'B', expr: decided(byTeam) },
        { refId: 'C', expr: share(approvals(byTeam), LEAST.approval) },
        { refId: 'D', expr: catches(byTeam).n },
        { refId: 'E', expr: low(catches(byTeam), LEAST.catchTeam) },
        { refId: 'F', expr: high(catches(byTeam), LEAST.catchTeam) },
        { refId: 'G', expr: driftAlarms(byTeam) },
      ],
    },
    { x: 0, y: 1, w: 24, h: 7 },
    {
      A: { name: 'reading', unit: 'short', mappings: readings },
      B: { name: 'decided (n)', unit: 'short' },
      C: { name: 'approved', unit: 'percentunit' },
      D: { name: 'canaries answered (n)', unit: 'short' },
      E: { name: 'caught, low', unit: 'percentunit' },
      F: { name: 'caught, high', unit: 'percentunit' },
      G: { name: 'drift alarms', unit: 'short' },
    },
  ),
  table(
    {
      title: 'By tool, tier and team',
      description: `Approved of decided with Wilson’s 95% interval; empty below ${LEAST.approval}. A lower end of 97% and more: look into it.`,
      unit: 'short',
      queries: [
        { refId: 'A', expr: decided(byTool) },
        { refId: 'B', expr: share(approvals(byTool), LEAST.approval) },
        { refId: 'C', expr: low(approvals(byTool), LEAST.approval) },
        { refId: 'D', expr: high(approvals(byTool), LEAST.approval) },
        { refId: 'E', expr: timeouts(byTool).n },
        { refId: 'F', expr: share(timeouts(byTool), LEAST.approval) },
      ],
    },
    { x: 0, y: 8, w: 24, h: 9 },
    {
      A: { name: 'decided (n)', unit: 'short' },
      B: { name: 'approved', unit: 'percentunit' },
      C: { name: 'approved, low', unit: 'percentunit' },
      D: { name: 'approved, high', unit: 'percentunit' },
      E: { name: 'ended (n)', unit: 'short' },
      F: { name: 'timed out', unit: 'percentunit' },
    },
  ),
  row('Attention', 17),
  lines(
    {
      title: 'Canaries caught: $team',
      description: `${interval} Nothing below ${LEAST.catchTeam} canaries. Told in portions of five people.`,
      unit: 'percentunit',
      queries: withBand(catches(ofTeam), LEAST.catchTeam),
    },
    { x: 0, y: 18, w: 8, h: 8 },
    { max: 1, repeat: 'team' },
  ),
  lines(
    {
      title: 'Drift of misses',
      description: `A CUSUM on missed canaries for each team: an alarm at ${CATCH_DRIFT.alarm}, one false one in some 215 canaries. Silent below ${LEAST.catchTeam} canaries it says nothing.`,
      unit: 'short',
      queries: [
        {
          refId: 'A',
          expr: `countersign_insights_drift_sum${watched} and countersign_insights_drift_canaries${watched} >= ${LEAST.catchTeam}`,
          legend: '{{team}}',
        },
      ],
    },
    { x: 0, y: 26, w: 8, h: 8 },
    {
      steps: [
        { color: 'text', value: null },
        { color: 'red', value: CATCH_DRIFT.alarm },
      ],
    },
  ),
  lines(
    {
      title: 'Too fast to have read',
      description:
        'Approvals with less than half of the least time to read what was new: lower end of the 95% interval. A signal, no proof.',
      unit: 'percentunit',
      queries: [{ refId: 'A', expr: low(tooFast(byTeam), LEAST.tooFast), legend: '{{team}}, at least' }],
    },
    { x: 8, y: 26, w: 8, h: 8 },
    { max: 1 },
  ),
  lines(
    {
      title: 'Time to decide',
      description: `What a verdict took: middle and end. Nothing below ${LEAST.approval} verdicts.`,
      unit: 's',
      queries: [
        { refId: 'A', expr: quantile(0.5, 'verdict_seconds', byTeam), legend: '{{team}}, median' },
        { refId: 'B', expr: quantile(0.9, 'verdict_seconds', byTeam), legend: '{{team}}, 90%' },
      ],
    },
    { x: 16, y: 26, w: 8, h: 8 },
  ),
];
