/** What figures are counted by: tool × rules × tier × team, and the reviewer where it is about one. Pure. */

/** Text that can not stand in a name: keeps the rules of one request together in a column. */
const between = '\u001f';

/** `rules` and `team` as they are kept: rules joined, the team by its name. */
export type Cell = { tool: string; rules: string; tier: string; team: string };

/** The cell as one text. */
export const cellKey = ({ tool, rules, tier, team }: Cell): string =>
  JSON.stringify([tool, rules, tier, team]);

/** Where something is counted: a cell in an hour (Redis ms of its beginning), of one reviewer or (`''`) of requests. */
export type Place = Cell & { at: number; reviewer: string };

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs;
export const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs;

/** The team of requests that any reviewer may decide, and of those that ask people by name only. */
export const anyone = 'anyone';
export const namedPeople = 'named people';

/** The team's name, by the groups that `request.created` names. */
export function teamOf(groups: unknown): string {
  if (!Array.isArray(groups)) return anyone;
  const names = groups.filter((name) => typeof name === 'string').toSorted();
  return names.length === 0 ? namedPeople : names.join(' + ');
}

export const joined = (rules: readonly string[]): string => [...new Set(rules)].toSorted().join(between);
export const rulesIn = (text: string): string[] => (text === '' ? [] : text.split(between));
