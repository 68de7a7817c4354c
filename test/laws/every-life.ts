/** Holds a law against many random lives of a request. */
import fc from 'fast-check';
import { type Life, type Move, play } from './play.ts';
import { scenarios } from './scenario.ts';

const lives = 800;

/**
 * Checks a law on many random lives.
 *
 * @param lived which lives; by default, of requests that a human must look at
 */
export function onEveryLife(law: (life: Life) => void, numRuns = lives, lived = scenarios()): void {
  fc.assert(
    fc.property(lived, (scenario) => law(play(scenario))),
    { numRuns },
  );
}

/** Checks a law on every committed command of many random lives. */
export function onEveryMove(law: (move: Move) => void): void {
  onEveryLife(({ moves }) => moves.forEach(law));
}
