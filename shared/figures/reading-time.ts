/** Whether there was time to read: least reading time against the attention that a surface claims. */

/**
 * Words a minute that are taken for reading. People read 175 to 300 a minute, 238 on average (M. Brysbaert, "How many
 * words do we read per minute?", Journal of Memory and Language 109, 2019), so this is the fast end: whoever was faster
 * than twice this has not read.
 */
export const FASTEST_WORDS_A_MINUTE = 300;

/** T_min: the least time to read so many words that are new to the reader, ms. */
export const leastReadingMs = (novelWords: number): number => (novelWords / FASTEST_WORDS_A_MINUTE) * 60_000;

/**
 * Whether the card was in view and in focus for less than half of T_min. A signal and no proof: `attentionMs` is a
 * surface's claim, a reader may know the case from elsewhere, and one who looked long may have looked away.
 */
export const isTooFast = (attentionMs: number, novelWords: number): boolean =>
  attentionMs < leastReadingMs(novelWords) / 2;
