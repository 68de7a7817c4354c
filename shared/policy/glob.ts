/** Name patterns for agents and tools. */

/**
 * Whether `name` matches `pattern`, where `*` stands for any characters (dots included, none too) and
 * everything else for itself; case counts. Time is at most pattern × name: no pattern can hang it.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      // The last star takes one more character; earlier stars never need to move again.
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** One test for a whole list of patterns. Plain names cost one lookup, however many there are. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*'));
  return (name) => exact.has(name) || globs.some((glob) => matchesGlob(glob, name));
}
