/** The line of a checkpoint that says when it was signed: without it nobody could tell a fresh one from an old one. */
const prefix = 'time ';

/** @param at ms */
export const timeLine = (at: number): string => `${prefix}${new Date(at).toISOString()}`;

/** When a checkpoint was signed by its own word, ms; undefined where it does not say. */
export function timeIn(extensions: readonly string[]): number | undefined {
  const line = extensions.find((extension) => extension.startsWith(prefix));
  const at = line === undefined ? Number.NaN : Date.parse(line.slice(prefix.length));
  return Number.isNaN(at) ? undefined : at;
}
