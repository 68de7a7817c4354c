import { spanText } from '@countersign/shared/plain';
import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { Title } from '../card/Title.tsx';
import { type Connection, linkItem, type Row, type Snapshot } from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import { hashOf } from '../surface/route.ts';
import { useNow } from '../surface/use-now.ts';
import { language, say, sayCount } from '../words/say.ts';
import { useMoreRows } from './use-more-rows.ts';

type Props = {
  connection: Connection;
  snapshot: Snapshot;
  /** The request that is open beside the list. */
  current: string | undefined;
};

/** What waits for this reviewer, most urgent first. */
export function QueueList({ connection, snapshot, current }: Props) {
  const now = useNow();
  const { rows, cursor, showMore } = useMoreRows(connection, snapshot);
  const link = useStored(linkItem);

  if (rows.length === 0 && link && link.state !== 'live' && link.state !== 'polling') {
    const at = new Intl.DateTimeFormat(language(), { timeStyle: 'short' }).format(snapshot.synced_at);
    return (
      <div class="blank">
        <p class="big">{say('queue_unknown')}</p>
        <p>{say('queue_unknown_hint', at)}</p>
      </div>
    );
  }
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
                  {noted(row, connection.person.id)}
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
        <button type="button" class="link" onClick={showMore}>
          {sayCount(Math.max(0, snapshot.total - rows.length), 'show_more_one', 'show_more_many')}
        </button>
      )}
    </>
  );
}

/** Who is on it and what was asked, on the line that is there anyway: a row never changes its height. */
function noted({ claimed_by, question }: Row, me: string): string {
  const notes: string[] = [];
  if (claimed_by !== undefined)
    notes.push(claimed_by === me ? say('row_claimed_by_you') : say('claimed', claimed_by));
  if (question !== undefined) notes.push(say(question === 'answered' ? 'row_answered' : 'row_asked'));
  return notes.map((note) => ` · ${note}`).join('');
}

function timeLeft(row: Row, now: number): string {
  if (row.expires_at === null) return say('no_deadline');
  return spanText(Date.parse(row.expires_at) - now);
}
