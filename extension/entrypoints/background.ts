import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { connectionItem } from '../keep/items.ts';
import { isAsk } from '../worker/ask.ts';
import { openFromNotice } from '../worker/notices.ts';
import { pairWaiting } from '../worker/pairing.ts';
import { subscribePush } from '../worker/push.ts';
import { refresh } from '../worker/refresh.ts';
import { ensureStream } from '../worker/stream.ts';

const pollAlarm = 'poll';

/**
 * The background worker: keeps the queue's snapshot, the badge and the notifications, and nothing else. It decides
 * nothing and holds nothing that a restart could lose. Every listener is registered at once, because the browser
 * wakes the worker for an event and drops it if nobody is listening yet.
 */
export default defineBackground(() => {
  const wake = async () => {
    void ensureStream();
    await refresh();
  };

  browser.alarms.onAlarm.addListener((alarm) => {
    if (alarm.name === pollAlarm) void wake();
  });
  browser.runtime.onInstalled.addListener(() => void wake());
  browser.runtime.onStartup.addListener(() => void wake());
  browser.notifications.onClicked.addListener((id) => void openFromNotice(id));
  browser.permissions.onAdded.addListener(() => void pairWaiting());
  connectionItem.watch((connection) => {
    void wake();
    if (connection) void subscribePush(connection);
  });
  browser.runtime.onMessage.addListener((message: unknown, _sender, respond) => {
    if (!isAsk(message)) return false;
    const work = message.kind === 'pair' ? pairWaiting() : wake().then(() => null);
    work.then(respond, () => respond(null));
    return true;
  });
  self.addEventListener('online', () => void wake());
  self.addEventListener('push', (event) => {
    if ('waitUntil' in event && typeof event.waitUntil === 'function') event.waitUntil(refresh());
  });

  // Creating it again replaces it, so a worker that the browser forgot to wake still has its clock.
  void browser.alarms.create(pollAlarm, { periodInMinutes: 0.5 });
  void wake();
});
