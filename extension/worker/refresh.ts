import { browser } from 'wxt/browser';
import { getQueue } from '../api/reviewer.ts';
import type { Trouble } from '../api/trouble.ts';
import { originPattern } from '../connect/pairing-link.ts';
import { type Connection, connectionItem, linkItem, type Snapshot, snapshotItem } from '../keep/items.ts';
import { rowOf } from '../queue/row.ts';
import { language } from '../words/say.ts';
import { showBadge } from './badge.ts';
import { noteAnswered, noteUnanswered } from './link.ts';
import { tellOfNew } from './notices.ts';

/** As many rows as a person can look over; the list fetches more when asked. */
const firstPage = 50;

let running: Promise<void> | null = null;
let again = false;

/** Between two reads of the queue, so that a burst of events costs a few of them and not one each. */
const breath = 200;

/**
 * Reads the queue, and brings the snapshot, the badge and the notifications up to it. Calls that come while one is
 * running are answered by one more run, so that no news is missed.
 */
export function refresh(): Promise<void> {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    await refreshOnce();
    while (again) {
      await new Promise((resolve) => setTimeout(resolve, breath));
      again = false;
      await refreshOnce();
    }
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
    await noteUnanswered(await reasonOf(answer.trouble, connection));
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
  await noteAnswered();
  await showCurrent(connection);
  await tellOfNew(before, after);
}

async function reasonOf({ code }: Trouble, { server }: Connection) {
  if (code === 'unauthorized' || code === 'forbidden') return 'refused';
  if (code === 'not_understood') return 'not_understood';
  const permitted = await browser.permissions.contains({ origins: [originPattern(server)] });
  return permitted ? 'offline' : 'not_permitted';
}

/** The badge, after what is kept. */
async function showCurrent(connection: Connection | null): Promise<void> {
  await showBadge(connection !== null, await linkItem.getValue(), await snapshotItem.getValue());
}
