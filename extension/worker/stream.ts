/** The worker's one live stream: at most one is open, whoever asks for it. */
import { browser } from 'wxt/browser';
import { connectionItem, lastEventItem } from '../keep/items.ts';
import { announceChange, requestIn } from '../queue/news.ts';
import { refreshContract } from './contract.ts';
import { noteStream } from './link.ts';
import { followStream } from './live.ts';
import { refreshPreferences } from './preferences.ts';
import { refresh } from './refresh.ts';

let following: { key: string; stop: AbortController } | null = null;

/** Opens the stream unless it is open; closes it when there is no connection. */
export async function ensureStream(): Promise<void> {
  const connection = await connectionItem.getValue();
  if (following && following.key === connection?.key) return;
  following?.stop.abort();
  following = null;
  if (!connection) return;
  const mine = { key: connection.key, stop: new AbortController() };
  following = mine;
  await followStream(
    connection,
    () => lastEventItem.getValue(),
    {
      onOpen: () => {
        // What happened while nobody listened is in the queue, not only in the events to come.
        announceChange(null);
        void noteStream(true).then(refresh);
        // They may have been changed on another browser.
        void refreshPreferences();
        // It may have been updated while it was away.
        void refreshContract();
      },
      onChunk: () => {
        // An open fetch does not keep a service worker awake; a call of any extension API does.
        void browser.runtime.getPlatformInfo();
      },
      onEvent: (event) => {
        void lastEventItem.setValue(event.event === 'reset' ? '' : event.id);
        announceChange(requestIn(event.data));
        void refresh();
      },
      onLost: () => {
        void loseLive();
      },
    },
    mine.stop.signal,
  );
  if (following === mine) following = null;
  // Aborted, or refused: the next read of the queue says which.
  if (!mine.stop.signal.aborted) await refresh();
}

/** The stream is gone: whether the server is away too, the next read of the queue tells. */
async function loseLive(): Promise<void> {
  await noteStream(false);
  await refresh();
}
