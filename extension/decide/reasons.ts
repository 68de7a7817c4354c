/** The reasons on offer in the reject form, and which of them a number key stands for. Pure. */

/** The ready reasons that this person has not used lately stand behind those they have. */
export function offeredReasons(recent: string[], ready: string[]): string[] {
  return [...new Set([...recent, ...ready])].slice(0, 9);
}

/**
 * The reason that a key chooses: 1 to 9, as long as nothing of the person's own is in the box. Afterwards a digit is a
 * digit, so that "2 of these were sent" can be typed over a reason.
 *
 * @param written what is in the box
 */
export function reasonAt(key: string, offered: string[], written: string): string | undefined {
  const own = written !== '' && !offered.includes(written);
  return own || !/^[1-9]$/.test(key) ? undefined : offered[Number(key) - 1];
}

/** As many as have a number key beside the ready ones. */
const mostKept = 4;
/** A longer text was about one request; it would not fit on a button either. */
const longest = 120;

/** The kept reasons after one more was used. */
export function withReason(kept: string[], reason: string): string[] {
  const used = reason.trim();
  if (used === '' || used.length > longest || used.includes('\n')) return kept;
  return [used, ...kept.filter((one) => one !== used)].slice(0, mostKept);
}
