import { useEffect } from 'preact/hooks';
import { onChange } from './news.ts';

/**
 * Calls back whenever what is shown may be old: with the id of a request that changed, with null where any may have,
 * as after this page was out of sight or off the net.
 *
 * @param look the same function from one drawing to the next, or it is listened anew each time
 */
export function useNews(look: (request: string | null) => void): void {
  useEffect(() => {
    const lookAtAll = () => look(null);
    const stop = onChange(look);
    addEventListener('focus', lookAtAll);
    addEventListener('online', lookAtAll);
    return () => {
      stop();
      removeEventListener('focus', lookAtAll);
      removeEventListener('online', lookAtAll);
    };
  }, [look]);
}
