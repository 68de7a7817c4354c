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

/** How many names a matcher remembers. Names come from callers, so what is kept has an end. */
const MOST_NAMES = 1000;

/**
 * One test for a whole list of patterns. Plain names cost one lookup, however many there are, and so do names
 * that were asked for before: a workspace has few agents and tools.
 */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*'));
  if (globs.length === 0) return (name) => exact.has(name);
  const answers = new Map<string, boolean>();
  return (name) => {
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = exact.has(name) || globs.some((glob) => matchesGlob(glob, name));
      if (answers.size === MOST_NAMES) answers.clear();
      answers.set(name, answer);
    }
    return answer;
  };
}
