/** What is asked for in one turn of the event loop goes out together, by slot of Redis Cluster: what is saved is calls. */

/** One of those that go together: it has its own answer, or its own refusal. */
export type Asked<P, A> = P & { resolve: (answer: A) => void; reject: (error: unknown) => void };

/**
 * Gathers until the turn ends, or until there are enough.
 *
 * @param most in one go: few enough that whoever answers begins early, and is not held up for others
 * @param send settles each of them
 */
export function gather<P extends { keys: readonly string[] }, A>(
  most: number,
  send: (asked: Asked<P, A>[]) => Promise<void>,
): (part: P) => Promise<A> {
  const open = new Map<string, Asked<P, A>[]>();
  return (part) =>
    new Promise((resolve, reject) => {
      const asked = { ...part, resolve, reject };
      const slot = slotOf(part.keys[0] ?? '');
      const group = open.get(slot);
      if (group !== undefined) {
        if (group.push(asked) < most) return;
        open.delete(slot);
        void send(group);
        return;
      }
      const first = [asked];
      open.set(slot, first);
      setImmediate(() => {
        if (open.get(slot) !== first) return;
        open.delete(slot);
        void send(first);
      });
    });
}

/** What decides a key's slot: a script may touch one only. */
function slotOf(key: string): string {
  return key.slice(key.indexOf('{'), key.indexOf('}'));
}
