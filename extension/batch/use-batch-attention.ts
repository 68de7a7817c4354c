import type { Batch, BatchAttention } from '@countersign/shared/contracts';
import { useEffect, useRef } from 'preact/hooks';
import type { Watch } from '../decide/watch-card.ts';

/** A batch stays what it is: another one has another id. */
const version = 1;

/**
 * Measures for as long as the batch is on the screen, all of it as one: its rows are looked at together, so what is
 * claimed with a verdict is how long the batch was in view and in focus, and which of its rows were opened.
 */
export function useBatchAttention({ id }: Batch): (opened: string[]) => { attention?: BatchAttention } {
  const watch = useRef<Watch | undefined>(undefined);

  useEffect(() => {
    let wanted = true;
    void import('../decide/watch-card.ts').then(({ watchCard }) => {
      if (wanted) watch.current = watchCard(id, version);
    });
    return () => {
      wanted = false;
      watch.current?.stop();
      watch.current = undefined;
    };
  }, [id]);

  return (opened) => {
    if (watch.current === undefined) return {};
    const { opened: _sections, ...times } = watch.current.claim();
    return { attention: { ...times, opened } };
  };
}
