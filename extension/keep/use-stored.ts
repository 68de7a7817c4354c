import { useEffect, useState } from 'preact/hooks';

type Item<T> = { getValue(): Promise<T>; watch(tell: (value: T) => void): () => void };

/** The current value of a kept item, following every change; undefined until it has been read. */
export function useStored<T>(item: Item<T>): T | undefined {
  const [value, setValue] = useState<T>();
  useEffect(() => {
    let heard = false;
    const stop = item.watch((next) => {
      heard = true;
      setValue(() => next);
    });
    // A change that arrives while the first read is under way is newer than what it finds.
    item.getValue().then((first) => {
      if (!heard) setValue(() => first);
    });
    return stop;
  }, [item]);
  return value;
}
