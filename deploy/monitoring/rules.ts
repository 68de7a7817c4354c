/**
 * Rules for Prometheus: what is worth a look. Each is about a team, a tool or the ledger, and never about a person; none
 * is proof of anything.
 */
import { BUSY, CAUGHT, LEAST, NEARLY_ALL } from '@countersign/shared/figures';
import { approvals, catches, decided, driftAlarms, high, low, timeouts } from './queries.ts';

type Rule = { alert: string; expr: string; for?: string; labels: { severity: string }; summary: string };

const team = { by: 'workspace, team', window: '30d' };
const tool = { by: 'workspace, team, tier, tool', window: '30d' };
const day = { ...team, window: '1d' };

/** Of people who decide. */
const oversight: Rule[] = [
  {
    alert: 'CountersignCanariesMissed',
    expr: `((${low(catches(team), LEAST.catchTeam)}) <= ${CAUGHT.bad}) and on (workspace, team) ((${high(catches(team), LEAST.catchTeam)}) < ${CAUGHT.good})`,
    labels: { severity: 'warning' },
    summary:
      'Team {{ $labels.team }} misses canaries: at least {{ $value | humanizePercentage }} are caught, and fewer than careful readers catch. See how they are missed on the page of insights; a drill repairs.',
  },
  {
    alert: 'CountersignDrift',
    expr: `${driftAlarms(day)} > 0`,
    labels: { severity: 'warning' },
    summary:
      'Team {{ $labels.team }} misses more canaries than it did. One such alarm in some 215 canaries is false: look at load, repeats and batches first.',
  },
  {
    alert: 'CountersignNearlyAllApproved',
    expr: `((${low(approvals(tool), LEAST.approval)}) >= ${NEARLY_ALL}) and (${decided(tool)} >= ${LEAST.suggestion})`,
    for: '1d',
    labels: { severity: 'info' },
    summary:
      'Nearly everything of {{ $labels.tool }} ({{ $labels.tier }}) that team {{ $labels.team }} decides is approved. That alone says neither that it is safe nor that it is not read: see whether canaries are caught.',
  },
  {
    alert: 'CountersignTimeouts',
    // The two intervals do not meet: today's lower end lies above the upper end of the four weeks before.
    expr: `(${low(timeouts(day), LEAST.approval)}) > (${high(timeouts({ ...team, window: '28d', offset: '1d' }), LEAST.approval)})`,
    for: '15m',
    labels: { severity: 'warning' },
    summary:
      'More of what team {{ $labels.team }} is asked times out today than in the four weeks before: at least {{ $value | humanizePercentage }}.',
  },
  {
    alert: 'CountersignTooBusy',
    expr: `countersign_insights_week_busy_ratio > ${BUSY}`,
    for: '1h',
    labels: { severity: 'warning' },
    summary:
      'Team {{ $labels.team }} is asked more than it can read: {{ $value | humanizePercentage }} of its time on duty. From here on waits grow without bound.',
  },
];

/** Of the machinery. */
const operations: Rule[] = [
  {
    alert: 'CountersignLogStuck',
    expr: 'countersign_ledger_stuck_workspaces > 0',
    for: '5m',
    labels: { severity: 'critical' },
    summary: 'The log of {{ $value }} workspace(s) does not move. The ledger’s own log says why.',
  },
  {
    alert: 'CountersignCountingBehind',
    expr: 'countersign_ledger_entries{state="sealed"} - ignoring (state) countersign_ledger_entries{state="counted"} > 10000',
    for: '30m',
    labels: { severity: 'warning' },
    summary: '{{ $value }} sealed entries of {{ $labels.workspace }} are in no figure yet.',
  },
  {
    alert: 'CountersignWitnessBehind',
    expr: 'countersign_ledger_witnesses_behind > 0',
    for: '1h',
    labels: { severity: 'warning' },
    summary: '{{ $value }} witness(es) do not have the newest checkpoint.',
  },
  {
    alert: 'CountersignTimersLate',
    expr: 'countersign_oldest_due_timer_seconds > 30',
    for: '2m',
    labels: { severity: 'critical' },
    summary:
      'A deadline of {{ $labels.workspace }} has been due for {{ $value }} s. Nothing is approved by it, but somebody waits for an answer.',
  },
  {
    alert: 'CountersignPolicyNotTaken',
    expr: 'countersign_policy_problems > 0',
    for: '5m',
    labels: { severity: 'warning' },
    summary: 'What is in the policy files is not in force: {{ $value }} problem(s).',
  },
  {
    alert: 'CountersignNoticesLate',
    expr: 'max by (channel) (countersign_notifier_oldest_seconds) > 300',
    for: '5m',
    labels: { severity: 'warning' },
    summary: 'A notice by {{ $labels.channel }} has waited {{ $value | humanizeDuration }}.',
  },
];

const ruled = (rules: readonly Rule[]) =>
  rules.map(({ summary, ...rule }) => ({ ...rule, annotations: { summary } }));

/** The rules file. */
export const rules = {
  groups: [
    // Windows of weeks change slowly, and cost more to add up.
    { name: 'countersign-oversight', interval: '5m', rules: ruled(oversight) },
    { name: 'countersign-operations', rules: ruled(operations) },
  ],
};
