/** Which requests look the same to a reader. */
import type { Json, JsonObject } from '../canonical/index.ts';
import { wordsOf } from './words.ts';

/**
 * What near-identical requests have in common: the same tool, the same arguments by name, and the same words in them but
 * for numbers, dates and identifiers (a word with a digit, `@` or `_` in it). Two requests are near-identical when their
 * signatures are equal. How many items a list has does not matter, which kinds of items does.
 *
 * "Repeats" follow J. Ancker et al., "Effects of workload, work complexity, and repeated alerts on alert fatigue", BMC
 * Medical Informatics 17 (2017): each further five points of repeats cost attention.
 *
 * The signature contains words of the arguments. Digest it with a secret before it is kept where arguments may not be.
 */
export function signatureOf(tool: string, args: JsonObject): string {
  return `${tool} ${JSON.stringify(looks(args))}`;
}

function looks(value: Json): Json {
  if (typeof value === 'number') return '#';
  if (typeof value === 'string') return wordsOf(value).map(looksOfWord).join(' ');
  if (value === null || typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    const kinds = new Set(value.map((item) => JSON.stringify(looks(item))));
    return [...kinds].sort();
  }
  const names = Object.keys(value).sort();
  return names.map((name) => [name, looks(value[name] ?? null)]);
}

const looksOfWord = (word: string): string => (/[\p{N}@_]/u.test(word) ? '#' : word);
