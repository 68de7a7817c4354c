import { useState } from 'preact/hooks';
import { getQueue } from '../api/reviewer.ts';
import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { Title } from '../card/Title.tsx';
import { spanText } from '../card/time-left.ts';
import type { Connection, Row, Snapshot } from '../keep/items.ts';
import { hashOf } from '../surface/route.ts';
import { useNow } from '../surface/use-now.ts';
import { language, say, sayCount } from '../words/say.ts';
import { rowOf } from './row.ts';

type Props = {
  connection: Connection;
  snapshot: Snapshot;
  /** The request that is open beside the list. */
  current: string | undefined;
};

/** What waits for this reviewer, most urgent first. */
export function QueueList({ connection, snapshot, current }: Props) {
  const now = useNow();
  const [more, setMore] = useState<{ rows: Row[]; cursor: string | undefined; after: number } | null>(null);
  const extra = more?.after === snapshot.synced_at ? more : null;
  const rows = [...snapshot.rows, ...(extra?.rows ?? [])];
  const cursor = extra ? extra.cursor : snapshot.next_cursor;

  const loadMore = async () => {
    if (cursor === undefined) return;
    const answer = await getQueue(connection, 50, cursor);
    if (!answer.ok) return;
    const known = new Set(rows.map((row) => row.id));
    const fresh = answer.value.items
      .map((item) => rowOf(item, language()))
      .filter((row) => !known.has(row.id));
    setMore({
      rows: [...(extra?.rows ?? []), ...fresh],
      cursor: answer.value.next_cursor,
      after: snapshot.synced_at,
    });
  };

  if (rows.length === 0) {
    return (
      <div class="blank">
        <p class="big">{say('queue_empty')}</p>
        <p>{say('queue_empty_hint')}</p>
      </div>
    );
  }
  return (
    <>
      <ul class="queue" aria-label={say('queue')}>
        {rows.map((row) => (
          <li key={row.id}>
            <a
              href={hashOf({ kind: 'request', id: row.id, step: 'look' })}
              aria-current={row.id === current ? 'true' : undefined}
            >
              <span class="meta">
                <Tier tier={row.tier} />
                <span class="who">
                  <Plain text={row.agent} />
                </span>
                <span class="left">{timeLeft(row, now)}</span>
              </span>
              <span class="title">
                <Title segments={row.title} />
              </span>
              {row.needed > 1 && <span class="quorum">{say('quorum', row.given, row.needed)}</span>}
            </a>
          </li>
        ))}
      </ul>
      {cursor !== undefined && (
        <button type="button" class="link" onClick={() => void loadMore()}>
          {sayCount(Math.max(0, snapshot.total - rows.length), 'show_more_one', 'show_more_many')}
        </button>
      )}
    </>
  );
}

function timeLeft(row: Row, now: number): string {
  if (row.expires_at === null) return say('no_deadline');
  return spanText(Date.parse(row.expires_at) - now);
}
