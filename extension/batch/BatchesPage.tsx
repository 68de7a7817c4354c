import type { Batch } from '@countersign/shared/contracts';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api/trouble.ts';
import { Plain } from '../card/Plain.tsx';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { BatchPage } from './BatchPage.tsx';
import { getBatches } from './calls.ts';

/** Everything that may be looked at together, one batch at a time. Read once: nothing joins what is on the screen. */
export function BatchesPage({ connection }: { connection: Connection }) {
  const [batches, setBatches] = useState<Batch[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [current, setCurrent] = useState(0);

  const read = useCallback(async () => {
    const answer = await getBatches(connection);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    setCurrent(0);
    setBatches(answer.value.batches);
  }, [connection]);
  useEffect(() => {
    void read();
  }, [read]);

  const batch = batches?.[current];
  if (batches && batch) {
    return (
      <section class="one batches">
        {batches.length > 1 && <Choice batches={batches} current={current} onChoose={setCurrent} />}
        <BatchPage key={batch.id} connection={connection} batch={batch} onNext={() => void read()} />
      </section>
    );
  }
  return (
    <section class="one batches">
      <Nothing trouble={trouble} reading={batches === null} onAgain={() => void read()} />
    </section>
  );
}

/** Several batches wait: which of them is looked at. */
function Choice(props: { batches: Batch[]; current: number; onChoose: (index: number) => void }) {
  const { batches, current, onChoose } = props;
  return (
    <nav class="batch-choice" aria-label={say('batch_choice')}>
      {batches.map(({ id, tool, rows }, index) => (
        <button
          key={id}
          type="button"
          class="chip"
          aria-current={index === current ? 'true' : undefined}
          onClick={() => onChoose(index)}
        >
          <Plain text={tool} /> {rows.length}
        </button>
      ))}
    </nav>
  );
}

type NothingProps = { trouble: Trouble | null; reading: boolean; onAgain: () => void };

function Nothing({ trouble, reading, onAgain }: NothingProps) {
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  if (trouble) {
    return (
      <div class="blank" role="alert">
        <p>{troubleText(trouble)}</p>
        <button type="button" onClick={onAgain}>
          {say('try_again')}
        </button>
      </div>
    );
  }
  if (reading) return <p class="blank">{say('batch_reading')}</p>;
  return (
    <div class="blank">
      <p class="big">{say('batch_none')}</p>
      <p>{say('batch_none_hint')}</p>
      <button type="button" onClick={() => go({ kind: 'queue' })}>
        {say('to_queue')} <kbd>Esc</kbd>
      </button>
    </div>
  );
}
