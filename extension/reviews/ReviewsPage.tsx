import type { ReviewBatch } from '@countersign/shared/contracts';
import { useState } from 'preact/hooks';
import { Plain } from '../card/Plain.tsx';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { useNow } from '../surface/use-now.ts';
import { say, sayCount } from '../words/say.ts';
import { ReviewRow } from './ReviewRow.tsx';
import type { Row } from './rows.ts';
import { useReviews } from './use-reviews.ts';

/** What ran before anyone looked. Nothing here waits for anyone, and nothing here interrupts. */
export function ReviewsPage({ connection }: { connection: Connection }) {
  const handle = useReviews(connection);
  const { rows, batches, total, busy, trouble } = handle;
  const [open, setOpen] = useState<string | null>(null);
  const now = useNow();
  const me = connection.person.id;
  useKeys({ Escape: () => (open === null ? go({ kind: 'queue' }) : setOpen(null)) });
  const byId = new Map((rows ?? []).map((row) => [row.request.id, row]));
  const toOpen = new Set(batches.flatMap((batch) => unopened(batch, byId, me)));
  const toggle = ({ request }: Row) => {
    setOpen(open === request.id ? null : request.id);
    if (open !== request.id) void handle.open(request);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: an empty page has nothing else to focus, and still scrolls when narrow
    <main class="reviews" tabIndex={0}>
      <h1>{say('reviews_title')}</h1>
      <p class="hint">{say('reviews_hint')}</p>
      {trouble && (
        <p class="notice warn" role="alert">
          {troubleText(trouble)}{' '}
          <button type="button" class="link" onClick={() => void handle.reload()}>
            {say('try_again')}
          </button>
        </p>
      )}
      {rows?.length === 0 && (
        <div class="blank" role="status">
          <p class="big">{say('reviews_none')}</p>
          <p>{say('reviews_none_hint')}</p>
        </div>
      )}
      {batches.map((batch) => (
        <BatchBar
          key={batch.id}
          batch={batch}
          left={unopened(batch, byId, me).length}
          busy={busy}
          onSay={() => void handle.sayOfBatch(batch)}
        />
      ))}
      <ul>
        {rows?.map((row) => (
          <ReviewRow
            key={row.request.id}
            connection={connection}
            row={row}
            handle={handle}
            now={now}
            open={open === row.request.id}
            wanted={toOpen.has(row.request.id)}
            onToggle={() => toggle(row)}
          />
        ))}
      </ul>
      {rows !== null && total > rows.length && <p class="hint">{say('reviews_more', total - rows.length)}</p>}
    </main>
  );
}

/** Rows of a batch that this person has to open and has not. */
function unopened({ must_open }: ReviewBatch, rows: ReadonlyMap<string, Row>, me: string): string[] {
  return must_open.filter((id) => rows.get(id)?.request.viewed_by.includes(me) !== true);
}

type BarProps = { batch: ReviewBatch; left: number; busy: boolean; onSay: () => void };

/** Like calls that went well, marked in one go once those that were drawn have been opened. */
function BatchBar({ batch, left, busy, onSay }: BarProps) {
  const ready = left === 0 && !busy;
  return (
    <div class="together">
      <p>
        <b>{say('review_alike', batch.rows.length)}</b> <Plain text={batch.agent} /> ·{' '}
        <Plain text={batch.tool} />
        {left > 0 && <small>{sayCount(left, 'review_open_one', 'review_open_many')}</small>}
      </p>
      <button type="button" class="fine" aria-disabled={!ready} onClick={() => ready && onSay()}>
        {say('review_all_fine', batch.rows.length)}
      </button>
    </div>
  );
}
