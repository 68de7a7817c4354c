import type { Attention, RequestView } from '@countersign/shared/contracts';
import { useEffect, useRef } from 'preact/hooks';
import type { Looks } from '../card/looks.ts';
import type { Watch } from './watch-card.ts';

/** Measures for as long as the card is on the screen and waits. The claim is what was measured until it is asked for. */
export function useAttention(
  { id, version, status }: RequestView,
  looks: Looks,
): () => { attention?: Attention } {
  const waits = status === 'pending';
  const watch = useRef<Watch | undefined>(undefined);

  useEffect(() => {
    let wanted = true;
    // After the first frame: what measures is not what the card waits for.
    void import('./watch-card.ts').then(({ watchCard, forgetWatch }) => {
      if (!waits) forgetWatch(id, version);
      else if (wanted) watch.current = watchCard(id, version);
    });
    return () => {
      wanted = false;
      watch.current?.stop();
    };
  }, [id, version, waits]);

  return () =>
    watch.current
      ? {
          attention: {
            ...watch.current.claim(),
            values_opened: looks.unfolded.size + looks.uncovered.size + (looks.whole ? 1 : 0),
          },
        }
      : {};
}
