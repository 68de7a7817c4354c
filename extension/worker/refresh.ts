import { getQueue } from '../api/reviewer.ts';
import type { Trouble } from '../api/trouble.ts';
import {
  type Connection,
  connectionItem,
  type Link,
  linkItem,
  type Snapshot,
  snapshotItem,
} from '../keep/items.ts';
import { rowOf } from '../queue/row.ts';
import { language } from '../words/say.ts';
import { showBadge } from './badge.ts';
import { tellOfNew } from './notices.ts';

/** As many rows as a person can look over; the list fetches more when asked. */
const firstPage = 50;

let running: Promise<void> | null = null;
let again = false;

/**
 * Reads the queue, and brings the snapshot, the badge and the notifications up to it. Calls that come while one is
 * running are answered by one more run, so that a burst of events costs two reads and none is missed.
 */
export function refresh(): Promise<void> {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await refreshOnce();
    } while (again);
  })().finally(() => {
    running = null;
  });
  return running;
}

async function refreshOnce(): Promise<void> {
  const connection = await connectionItem.getValue();
  if (!connection) {
    await showBadge(false, null, null);
    return;
  }
  const answer = await getQueue(connection, firstPage);
  // The reviewer may have disconnected, or connected elsewhere, while the server was answering.
  if ((await connectionItem.getValue())?.key_id !== connection.key_id) return;

  if (!answer.ok) {
    await noteLink(linkAfter(answer.trouble));
    await showCurrent(connection);
    return;
  }
  const { items, counts, next_cursor } = answer.value;
  const before = await snapshotItem.getValue();
  const after: Snapshot = {
    rows: items.map((item) => rowOf(item, language())),
    total: counts.total,
    ...(next_cursor === undefined ? {} : { next_cursor }),
    synced_at: Date.now(),
  };
  await snapshotItem.setValue(after);
  const link = await linkItem.getValue();
  if (link?.state !== 'live') await noteLink('polling');
  await showCurrent(connection);
  await tellOfNew(before, after);
}

function linkAfter(trouble: Trouble): Link['state'] {
  return trouble.code === 'unauthorized' || trouble.code === 'forbidden' ? 'refused' : 'offline';
}

/** Notes how the queue is kept fresh; `since` moves only when that changes. */
export async function noteLink(state: Link['state']): Promise<void> {
  const link = await linkItem.getValue();
  if (link?.state !== state) await linkItem.setValue({ state, since: Date.now() });
}

/** The badge, after what is kept. */
export async function showCurrent(connection: Connection | null): Promise<void> {
  await showBadge(connection !== null, await linkItem.getValue(), await snapshotItem.getValue());
}
