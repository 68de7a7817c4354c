import { useCallback, useEffect, useRef } from 'preact/hooks';
import { useNews } from './use-news.ts';

/**
 * Reads at once, and again on all news. However fast that comes, one reading is on its way, and one more follows it.
 *
 * @param read the same function from one drawing to the next, or it is read anew each time
 * @returns reads when asked as well; where a reading is on its way, the one that follows is not waited for
 */
export function useReading(read: () => Promise<void>): () => Promise<void> {
  const reading = useRef(false);
  const again = useRef(false);

  const reload = useCallback(async () => {
    again.current = true;
    if (reading.current) return;
    reading.current = true;
    while (again.current) {
      again.current = false;
      await read();
    }
    reading.current = false;
  }, [read]);

  useEffect(() => void reload(), [reload]);
  useNews(useCallback(() => void reload(), [reload]));
  return reload;
}
