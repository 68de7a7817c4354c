/** Lets so much work run at once, and the rest in the order in which it came. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * The engine works on the threads that Node also reads and writes files with. Were all of them taken by long queries,
 * sealing would wait for them.
 */
export function takeTurns(atOnce: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place itself, so that nobody comes in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
