/** Whether a value that is wrong can be seen to be wrong, and how deep one has to read for it. Pure. */
import type { Json, JsonObject } from '../contracts/index.ts';
import type { Difficulty } from '../request/index.ts';

/** A call that is right, and everything that the request says beside its arguments. */
export type Call = {
  args: JsonObject;
  /** What is read first: the agent's reason, its summary. */
  said: readonly (string | undefined)[];
  /** What takes longer: context, transcript, links. */
  behind: readonly (Json | undefined)[];
};

/**
 * Where the right value stands beside its argument, and the wrong one nowhere: what tells a careful reader, and nobody
 * else. Undefined where nobody could know. `path` is dotted.
 */
export function difficultyOf(
  { args, said, behind }: Call,
  path: string,
  right: Json,
  wrong: Json,
): Difficulty | undefined {
  const first = said.join('\n');
  const others = JSON.stringify([withValue(args, path.split('.'), null), ...behind]);
  if (names(first, wrong) || names(others, wrong)) return undefined;
  if (names(first, right)) return 'plain';
  return names(others, right) ? 'buried' : undefined;
}

/** Whether a text names this value, by itself: 120 is not named by 1200, 4120 or 120.5, and is by 120.00. */
export function names(text: string, value: Json): boolean {
  if (typeof value === 'number' || /^\d+(\.\d+)?$/.test(String(value))) {
    const plain = text.replaceAll(/(?<=\d),(?=\d{3})/g, '');
    const [whole = '', part = ''] = String(value).split('.');
    const decimals = part === '' ? '(\\.0{1,2})?' : `\\.${part}0?`;
    return new RegExp(`(?<![\\d.])${whole}${decimals}(?![\\d]|\\.\\d)`).test(plain);
  }
  const word = String(value)
    .toLowerCase()
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  // Letters and digits that go on make another word of it: C-48213 is not named by C-482137.
  return new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'u').test(text.toLowerCase());
}

/** The same arguments with another value at this path of keys and places in lists. */
export function withValue(args: JsonObject, path: readonly string[], value: Json): JsonObject {
  return replaced(args, path, value) as JsonObject;
}

function replaced(inside: Json | undefined, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(inside)) return inside.with(Number(key), replaced(inside[Number(key)], rest, value));
  const members = inside as JsonObject;
  return { ...members, [key]: replaced(members[key], rest, value) };
}
