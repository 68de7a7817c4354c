import { diffWordsWithSpace } from 'diff';

/** A stretch of a changed text: kept, taken out or put in. */
export type Stretch = { kind: 'same' | 'del' | 'ins'; text: string };

/** Comparing longer texts word by word would hold up the screen. */
const longest = 20_000;

/** What changed between two texts, word by word; as a whole where they are very long or have nothing in common. */
export function wordDiff(before: string, after: string): Stretch[] {
  if (before === after) return [{ kind: 'same', text: after }];
  const whole: Stretch[] = [
    { kind: 'del', text: before },
    { kind: 'ins', text: after },
  ];
  const present = whole.filter((stretch) => stretch.text !== '');
  if (before.length + after.length > longest) return present;
  const stretches = diffWordsWithSpace(before, after).map(
    (part): Stretch => ({ kind: part.added ? 'ins' : part.removed ? 'del' : 'same', text: part.value }),
  );
  const kept = stretches.some((stretch) => stretch.kind === 'same' && /[\p{L}\p{N}]/u.test(stretch.text));
  return kept ? stretches : present;
}
