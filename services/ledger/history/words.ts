/** Which words of a text, and of an entry, a search finds. Pure. */
import type { Entry } from '../sealing/entry.ts';

/**
 * As it is compared: without case, without the difference between a letter and its look-alike of another width, and
 * without characters that nobody sees, so that an agent can't hide a word by putting one inside it.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase();

/** What must all be found; none where there is nothing to look for in it. */
export const termsOf = (q: string): string[] => [...new Set(folded(q).split(/\s+/).filter(Boolean))];

/** Strings and numbers in a value, not the names of its members. */
export function* leavesOf(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* leavesOf(member);
}

const printed = (value: unknown): string => folded([...leavesOf(value)].join('\n'));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Those of a text that lies beside the log: the arguments, and what agent and reviewer said. Left out is what nobody
 * wrote to be read: the salt, values that a condition saw (they are arguments), schemas, the agent's opaque state.
 */
export function wordsOfText(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return folded(text);
  }
  if (!isObject(value)) return printed(value);
  const { salt: _salt, why: _why, said, ...rest } = value;
  if (!isObject(said)) return printed(rest);
  const { args_schema: _schema, resume: _resume, ...readable } = said;
  return printed([rest, readable]);
}

/** Those of an entry itself: what its `data` says. */
export const wordsOfEntry = ({ data }: Entry): string => (data === undefined ? '' : printed(data));
