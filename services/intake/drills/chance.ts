/** Chance that can be had again: a drill keeps the number that a card was drawn with, and no word of the card. Pure. */
import type { Draw } from '../canaries/mutate.ts';

/** Draws that are the same whenever they begin with the same number (mulberry32; nothing secret rests on them). */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number to begin with. */
export const seedFrom = (draw: Draw): number => Math.floor(draw() * 2 ** 32);

/** The same in an order of chance. */
export function shuffled<T>(all: readonly T[], draw: Draw): T[] {
  return all
    .map((one) => ({ one, at: draw() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

/** Takes one of each kind in turn for as long as there are any, so that what is rare is among the first. */
export function inTurn<T>(all: readonly T[], kindOf: (one: T) => string): T[] {
  const kinds = new Map<string, T[]>();
  for (const one of all) {
    const kind = kindOf(one);
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const longest = Math.max(0, ...[...kinds.values()].map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) =>
    [...kinds.values()].flatMap((some) => some.slice(round, round + 1)),
  ).flat();
}
