/** What became of requests, whether there are people enough for them, and whether the machinery runs. */
import { BUSY, LEAST } from '@countersign/shared/figures';
import { byTeam, filter, interval, ofTeam, watched, withBand } from './chosen.ts';
import { bars, lines, type Panel, row, stat } from './looks.ts';
import { approvals, low, outcomes, quantile, timeouts } from './queries.ts';

export const loadPanels: Panel[] = [
  row('Requests', 34),
  lines(
    {
      title: 'Approved: $team',
      description: `${interval} Nothing below ${LEAST.approval} decisions. Read it together with what is caught, or not at all.`,
      unit: 'percentunit',
      queries: withBand(approvals(ofTeam), LEAST.approval),
    },
    { x: 0, y: 35, w: 8, h: 8 },
    { max: 1, repeat: 'team' },
  ),
  bars(
    {
      title: 'How requests ended, a day',
      description: 'Each request once. Canaries are left out.',
      unit: 'short',
      queries: [
        { refId: 'A', expr: outcomes({ by: 'outcome', window: '1d', filter }), legend: '{{outcome}}' },
      ],
    },
    { x: 0, y: 43, w: 12, h: 8 },
    '1d',
  ),
  lines(
    {
      title: 'Timed out',
      description: `Timed out of all that ended but for the cancelled: lower end of the 95% interval, from ${LEAST.approval} on.`,
      unit: 'percentunit',
      queries: [{ refId: 'A', expr: low(timeouts(byTeam), LEAST.approval), legend: '{{team}}, at least' }],
    },
    { x: 12, y: 43, w: 12, h: 8 },
    { max: 1 },
  ),
  row('Load', 51),
  lines(
    {
      title: 'Busy',
      description: `Arrivals × what a verdict took ÷ reviewers on duty, over seven days, from ${LEAST.load} watched hours on. Above ${100 * BUSY}% waits grow without bound.`,
      unit: 'percentunit',
      queries: [{ refId: 'A', expr: `countersign_insights_week_busy_ratio${watched}`, legend: '{{team}}' }],
    },
    { x: 0, y: 52, w: 8, h: 8 },
    {
      steps: [
        { color: 'text', value: null },
        { color: 'red', value: BUSY },
      ],
    },
  ),
  lines(
    {
      title: 'The wait that was really seen',
      description: `From made to decided, by tier: middle and end. Nothing below ${LEAST.approval}.`,
      unit: 's',
      queries: [
        {
          refId: 'A',
          expr: quantile(0.5, 'wait_seconds', { ...byTeam, by: 'workspace, tier' }),
          legend: '{{tier}}, median',
        },
        {
          refId: 'B',
          expr: quantile(0.9, 'wait_seconds', { ...byTeam, by: 'workspace, tier' }),
          legend: '{{tier}}, 90%',
        },
      ],
    },
    { x: 8, y: 52, w: 8, h: 8 },
  ),
  lines(
    {
      title: 'A week’s arrivals, and hours on duty',
      description:
        'What busy rests on: requests that came, and hours in which somebody opened or decided something.',
      unit: 'short',
      queries: [
        { refId: 'A', expr: `countersign_insights_week_arrivals${watched}`, legend: '{{team}}, arrivals' },
        {
          refId: 'B',
          expr: `countersign_insights_week_reviewer_hours${watched}`,
          legend: '{{team}}, hours on duty',
        },
      ],
    },
    { x: 16, y: 52, w: 8, h: 8 },
  ),
  row('Machinery', 60),
  stat(
    {
      title: 'Waiting now',
      description: 'Requests that wait for a decision.',
      unit: 'short',
      queries: [
        { refId: 'A', expr: 'max by (workspace) (countersign_pending_requests{workspace=~"$workspace"})' },
      ],
    },
    { x: 0, y: 61, w: 6, h: 4 },
    [{ color: 'text', value: null }],
  ),
  stat(
    {
      title: 'Throttled agents',
      description: 'Agents that have asked people too much.',
      unit: 'short',
      queries: [
        { refId: 'A', expr: 'max by (workspace) (countersign_throttled_agents{workspace=~"$workspace"})' },
      ],
    },
    { x: 6, y: 61, w: 6, h: 4 },
    [
      { color: 'text', value: null },
      { color: 'orange', value: 1 },
    ],
  ),
  stat(
    {
      title: 'Sealed, not counted yet',
      description: 'Entries of the log that are in no figure yet.',
      unit: 'short',
      queries: [
        {
          refId: 'A',
          expr: 'countersign_ledger_entries{workspace=~"$workspace",state="sealed"} - ignoring (state) countersign_ledger_entries{workspace=~"$workspace",state="counted"}',
        },
      ],
    },
    { x: 12, y: 61, w: 6, h: 4 },
    [
      { color: 'text', value: null },
      { color: 'orange', value: 10_000 },
    ],
  ),
  stat(
    {
      title: 'Oldest notice in the queue',
      description: 'How long ago the oldest event happened whose delivery still waits.',
      unit: 's',
      queries: [{ refId: 'A', expr: 'max by (channel) (countersign_notifier_oldest_seconds)' }],
    },
    { x: 18, y: 61, w: 6, h: 4 },
    [
      { color: 'text', value: null },
      { color: 'orange', value: 300 },
    ],
  ),
];
