/** What whoever looks at the dashboard has chosen, and a share drawn as it always is. */
import type { Query } from './looks.ts';
import { type Counts, high, low, share } from './queries.ts';

export const filter = 'workspace=~"$workspace",team=~"$team"';
const window = '$window';
export const byTeam = { by: 'workspace, team', window, filter };
export const byTool = { by: 'workspace, team, tier, tool', window, filter };
/** Of a panel that is repeated for each team. */
export const ofTeam = { by: 'team', window, filter };
/** Of a gauge. */
export const watched = `{${filter}}`;

/** A share with its interval, as three lines. */
export const withBand = (counts: Counts, least: number): Query[] => [
  { refId: 'A', expr: share(counts, least), legend: 'share' },
  { refId: 'B', expr: low(counts, least), legend: 'low' },
  { refId: 'C', expr: high(counts, least), legend: 'high' },
];
export const interval = 'The band is Wilson’s 95% interval over the chosen window.';
