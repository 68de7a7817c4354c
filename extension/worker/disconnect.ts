import { browser } from 'wxt/browser';
import { originPattern } from '../connect/pairing-link.ts';
import { connectionItem, forgetAll } from '../keep/items.ts';
import { unsubscribePush } from './push.ts';

/** Forgets the server and everything that came from it, and gives the permission for it back. */
export async function disconnect(): Promise<void> {
  const connection = await connectionItem.getValue();
  await forgetAll();
  if (!connection) return;
  // The key is out of the storage before anything slow begins; whatever fails from here on, the reviewer is out.
  await unsubscribePush(connection).catch(() => undefined);
  await browser.permissions.remove({ origins: [originPattern(connection.server)] }).catch(() => false);
}
