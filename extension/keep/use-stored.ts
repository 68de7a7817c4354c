import { useEffect, useState } from 'preact/hooks';

type Item<T> = { getValue(): Promise<T>; watch(tell: (value: T) => void): () => void };

/** What was read before anything was drawn, kept up to date. */
const known = new Map<unknown, unknown>();

/** Reads an item now, so that whatever uses it has its value in the first frame. */
export async function readAhead<T>(item: Item<T>): Promise<T> {
  item.watch((next) => known.set(item, next));
  const first = await item.getValue();
  // A change that arrives while the first read is under way is newer than what it finds.
  if (!known.has(item)) known.set(item, first);
  return known.get(item) as T;
}

/** The current value of a kept item, following every change; undefined until it has been read. */
export function useStored<T>(item: Item<T>): T | undefined {
  const [value, setValue] = useState<T | undefined>(() => known.get(item) as T | undefined);
  useEffect(() => {
    let heard = false;
    const stop = item.watch((next) => {
      heard = true;
      setValue(() => next);
    });
    if (known.has(item)) setValue(() => known.get(item) as T);
    else {
      item.getValue().then((first) => {
        if (!heard) setValue(() => first);
      });
    }
    return stop;
  }, [item]);
  return value;
}
