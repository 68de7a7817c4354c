/** How well a few typed letters fit a line. Pure. */

/**
 * The letters in their order, wherever they stand: more for those that begin a word or follow each other. Every word
 * that was typed has to fit.
 *
 * @returns the higher the better; null where it does not fit; 0 for nothing typed
 */
export function closeness(typed: string, line: string): number | null {
  let sum = 0;
  for (const word of typed.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const score = fitWord(word, line.toLowerCase());
    if (score === null) return null;
    sum += score;
  }
  return sum;
}

function fitWord(word: string, line: string): number | null {
  // Letters that stand together beat any that are scattered.
  const whole = line.indexOf(word);
  if (whole !== -1) return word.length * 4 + (wordBeginningWith(word, line) ? 4 : 0);
  let score = 0;
  let from = 0;
  for (const letter of word) {
    const at = line.indexOf(letter, from);
    if (at === -1) return null;
    score += beginsWord(line, at) ? 3 : at === from ? 2 : 0;
    from = at + 1;
  }
  // Single letters all over a long line are in everything.
  return score < word.length ? null : score;
}

function wordBeginningWith(word: string, line: string): boolean {
  for (let at = line.indexOf(word); at !== -1; at = line.indexOf(word, at + 1)) {
    if (beginsWord(line, at)) return true;
  }
  return false;
}

function beginsWord(line: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(line[at - 1] ?? '');
}

/** The lines that fit, the best first; those that fit as well stay in their order. */
export function best<Item extends { label: string }>(
  typed: string,
  items: readonly Item[],
  most: number,
): Item[] {
  return items
    .flatMap((item) => {
      const score = closeness(typed, item.label);
      return score === null ? [] : [{ item, score }];
    })
    .toSorted((one, other) => other.score - one.score)
    .slice(0, most)
    .map(({ item }) => item);
}
