/**
 * Lets so much work run at once, and the rest in the order in which it came. The signal ends the waiting, with its
 * reason; work that has begun looks at it by itself.
 */
export type Turns = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * The engine works on the threads that Node also reads and writes files with. Were all of them taken by long queries,
 * sealing would wait for them.
 */
export function takeTurns(atOnce: number): Turns {
  let running = 0;
  const waiting = new Set<() => void>();

  async function turn(signal: AbortSignal | undefined): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return;
    }
    await new Promise<void>((go, stop) => {
      const leave = (): void => {
        waiting.delete(take);
        stop(signal?.reason);
      };
      const take = (): void => {
        signal?.removeEventListener('abort', leave);
        go();
      };
      waiting.add(take);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  return async (work, signal) => {
    signal?.throwIfAborted();
    await turn(signal);
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place itself, so that nobody comes in between.
      const [next] = waiting;
      if (next === undefined) running -= 1;
      else {
        waiting.delete(next);
        next();
      }
    }
  };
}
