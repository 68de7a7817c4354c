import type { HistoryPage } from '@countersign/shared/contracts';
import { useEffect, useState } from 'preact/hooks';
import { getBehind } from '../api/insights.ts';
import type { Trouble } from '../api/trouble.ts';
import { wholeWhenText } from '../history/when.ts';
import type { Connection } from '../keep/items.ts';
import { hashOf } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { language, say } from '../words/say.ts';

type Props = { connection: Connection; address: string; onClose: () => void };

/** The requests that a figure counts, from the sealed log. */
export function Behind({ connection, address, onClose }: Props) {
  const [page, setPage] = useState<HistoryPage | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let wanted = true;
    setPage(null);
    void getBehind(connection, address).then((answer) => {
      if (!wanted) return;
      setTrouble(answer.ok ? null : answer.trouble);
      if (answer.ok) setPage(answer.value);
    });
    return () => {
      wanted = false;
    };
  }, [connection, address]);
  const items = page?.items.flatMap((item) => ('entries' in item ? [item] : [])) ?? [];
  return (
    <section class="behind" aria-label={say('behind_title')} aria-busy={page === null && trouble === null}>
      <h2>
        {say('behind_title')}{' '}
        <button type="button" class="link" onClick={onClose}>
          {say('behind_close')}
        </button>
      </h2>
      {trouble && <p role="alert">{troubleText(trouble)}</p>}
      {page && items.length === 0 && <p>{say('history_nothing')}</p>}
      <ul>
        {items.map((item) => (
          <li key={item.request_id}>
            <a href={hashOf({ kind: 'request', id: item.request_id, step: 'look' })}>{item.tool}</a>{' '}
            <span>{statusText(item.status)}</span>{' '}
            <time dateTime={item.created_at}>{wholeWhenText(Date.parse(item.created_at), language())}</time>
          </li>
        ))}
      </ul>
      {page?.next_cursor !== undefined && <p class="hint">{say('behind_more', items.length)}</p>}
    </section>
  );
}

const ends = ['approved', 'rejected', 'timed_out', 'cancelled'] as const;

function statusText(status: string | null): string {
  const end = ends.find((one) => one === status);
  return end === undefined ? (status ?? '') : say(`status_${end}`);
}
