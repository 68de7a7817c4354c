import type { Batch } from '@countersign/shared/contracts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Home, homeOf } from '../card/home.ts';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { BatchActions } from './BatchActions.tsx';
import { BatchHead } from './BatchHead.tsx';
import { BatchRows } from './BatchRows.tsx';
import { LeftOut } from './LeftOut.tsx';
import { isUndecided } from './marks.ts';
import { useBatch } from './use-batch.ts';

type Props = { connection: Connection; batch: Batch; onNext: () => void };

/** One batch: what is common to it, what differs row by row, what it adds up to, and the verdict on the chosen rows. */
export function BatchPage({ connection, batch, onNext }: Props) {
  const handle = useBatch(connection, batch);
  const { marks, trouble } = handle;
  const [unfolded, setUnfolded] = useState<string | null>(null);
  const [rejecting, setRejecting] = useState(false);
  const main = useRef<HTMLElement>(null);
  // The page gets the focus, never a row and never a button: nothing is chosen by a key that was meant for the last one.
  useEffect(() => main.current?.focus({ preventScroll: true }), []);
  const done = batch.rows.every(({ id }) => !isUndecided(marks, id));

  const move = (by: 1 | -1) => {
    const boxes = [...(main.current?.querySelectorAll<HTMLInputElement>('.batch-row input') ?? [])];
    const at = boxes.findIndex((box) => box.closest('.batch-row')?.contains(document.activeElement));
    const next = at === -1 ? boxes[0] : boxes[at + by];
    next?.focus();
    next?.closest('.batch-row')?.scrollIntoView({ block: 'nearest' });
  };
  const current = () => document.activeElement?.closest<HTMLElement>('.batch-row')?.dataset.id;
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    x: (repeat) => {
      const id = current();
      if (!repeat && id !== undefined) handle.toggle(id);
    },
    Escape: (repeat) => {
      if (repeat) return;
      if (rejecting) setRejecting(false);
      else if (unfolded !== null) setUnfolded(null);
      else go({ kind: 'queue' });
    },
  });

  return (
    <Home.Provider value={homeOf(connection.person.email)}>
      <main ref={main} tabIndex={-1} aria-labelledby="batch-title">
        <BatchHead batch={batch} />
        <BatchRows
          connection={connection}
          batch={batch}
          handle={handle}
          unfolded={unfolded}
          onUnfold={setUnfolded}
        />
        <LeftOut batch={batch} />
      </main>
      {trouble && (
        <div class="news failed" role="alert">
          <span>{troubleText(trouble)}</span>
        </div>
      )}
      {done ? (
        <footer class="two">
          <button type="button" onClick={() => go({ kind: 'queue' })}>
            {say('to_queue')} <kbd>Esc</kbd>
          </button>
          <button type="button" class="primary" onClick={onNext}>
            {say('batch_next')}
          </button>
        </footer>
      ) : (
        <BatchActions
          batch={batch}
          handle={handle}
          rejecting={rejecting}
          onRejecting={setRejecting}
          onOpen={(id) => {
            setUnfolded(id);
            document.getElementById(`row-${id}`)?.scrollIntoView({ block: 'nearest' });
          }}
        />
      )}
    </Home.Provider>
  );
}
