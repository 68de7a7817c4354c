/** Many rounds of one race, some at a time, and a way to make both sides win. */
import { performance } from 'node:perf_hooks';

/** How many rounds each race has: the project promises 2,000. `RACE_ROUNDS` asks for more, or for a quick look. */
export const roundsPerRace = Number(process.env.RACE_ROUNDS ?? 2_000);

/** Plays rounds 0 to `count` − 1, `together` at a time. The first failure ends it. */
export async function playRounds(
  count: number,
  together: number,
  round: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await round(n);
  };
  await Promise.all(Array.from({ length: together }, lane));
}

/**
 * Finds the delay at which a race is even: whoever has just won starts later next time. The delay is that of the
 * first side against the second, in ms, and may be negative.
 */
export function evenOdds(): { delay: () => number; won: (side: 'first' | 'second') => void; wins: Wins } {
  const wins = { first: 0, second: 0 };
  let delay = 0;
  return {
    delay: () => delay,
    won(side) {
      wins[side] += 1;
      delay += side === 'first' ? 0.25 : -0.25;
    },
    wins,
  };
}

export type Wins = { first: number; second: number };

/** Resolves at a time of this machine's clock, Unix ms; at once when it has passed. */
export function moment(time: number): Promise<void> {
  const left = time - (performance.timeOrigin + performance.now());
  return left <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, left));
}
