import { useEffect, useState } from 'preact/hooks';
import type { Connection, Snapshot } from '../keep/items.ts';
import { keyed } from '../surface/keyed.ts';
import { useKeys } from '../surface/keys.ts';
import { go, hashOf } from '../surface/route.ts';
import { say } from '../words/say.ts';
import { getBatches } from './calls.ts';

/** Milliseconds, after the queue has come to rest: nobody waits for this. */
const rest = 800;

type Props = { connection: Connection; snapshot: Snapshot; here: boolean };

/** In the top line, where it moves nothing when it comes: how many are alike, and the way to look at them together. */
export function BatchLink({ connection, snapshot, here }: Props) {
  const [alike, setAlike] = useState(0);
  // Low ones stand last, so a queue that goes on beyond its first page may well end in them.
  const possible =
    snapshot.next_cursor !== undefined || snapshot.rows.filter(({ tier }) => tier === 'low').length >= 3;
  useEffect(() => {
    if (!possible) {
      setAlike(0);
      return;
    }
    let wanted = true;
    const timer = setTimeout(async () => {
      const answer = await getBatches(connection);
      if (!wanted || !answer.ok) return;
      setAlike(answer.value.batches.reduce((sum, { rows }) => sum + rows.length, 0));
    }, rest);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [connection, possible, snapshot.total, snapshot.rows.at(-1)?.id]);
  useKeys({
    b: (repeat) => {
      if (!repeat && alike > 0) go({ kind: 'batches' });
    },
  });
  if (alike === 0) return null;
  return (
    <a
      class="pill alike"
      href={hashOf({ kind: 'batches' })}
      {...keyed('B', say('batch_link_title'))}
      aria-current={here ? 'page' : undefined}
    >
      {say('batch_link', alike)}
    </a>
  );
}
