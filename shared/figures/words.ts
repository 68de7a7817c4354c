/** How much there is to read on a card, and how much of it is new to the one who reads. */

/** Scripts that put no space between words: two characters of Chinese or Japanese, five of the others, count as one. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,2}|[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{1,5}|[\p{L}\p{N}][\p{M}]*(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}]|[._'’@:/+,-](?=[\p{L}\p{N}]))*/gu;

/**
 * The words of a text, in lower case, in their order. A number, an address, an identifier is one word. What a text has
 * of signs and spaces is not read, and not counted.
 */
export function wordsOf(text: string): string[] {
  return (text.match(word) ?? []).map((found) => found.toLowerCase());
}

/** How often each word stands on a card. */
export type WordCounts = ReadonlyMap<string, number>;

/** Counts the words of the texts of one card. */
export function countWords(texts: Iterable<string>): WordCounts {
  const counts = new Map<string, number>();
  for (const text of texts) for (const one of wordsOf(text)) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

/** How many words a card has in all. */
export const totalWords = (card: WordCounts): number =>
  [...card.values()].reduce((sum, times) => sum + times, 0);

/**
 * How many words of a card are new to somebody who last saw `before` of the cards that are near-identical to it (see
 * `signatureOf`); all of them when they saw none. A word that stood there twice and stands here three times is new once.
 * One card is the measure, not all that were ever seen: in the end every single word has been seen, and a new sentence
 * made of them must still be read.
 */
export function novelWords(card: WordCounts, before?: WordCounts): number {
  let novel = 0;
  for (const [one, times] of card) novel += Math.max(0, times - (before?.get(one) ?? 0));
  return novel;
}
