import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import type { Trouble } from '../api/trouble.ts';
import { connectionItem } from '../keep/items.ts';
import { raisedIn, tellOfAlert } from '../worker/alert-notice.ts';
import { type Ask, isAsk } from '../worker/ask.ts';
import { disconnect } from '../worker/disconnect.ts';
import { openFromNotice, pressOnNotice } from '../worker/notices.ts';
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

  const answer = async (kind: Ask['kind']): Promise<Trouble | null> => {
    if (kind === 'pair') return pairWaiting();
    if (kind === 'disconnect') await disconnect();
    else await wake();
    return null;
  };

  browser.alarms.onAlarm.addListener((alarm) => {
    if (alarm.name === pollAlarm) void wake();
  });
  browser.runtime.onInstalled.addListener(() => void wake());
  browser.runtime.onStartup.addListener(() => void wake());
  browser.notifications.onClicked.addListener((id) => void openFromNotice(id));
  // Firefox has no buttons on notifications.
  browser.notifications.onButtonClicked?.addListener((id, button) => void pressOnNotice(id, button));
  browser.permissions.onAdded.addListener(() => void pairWaiting());
  connectionItem.watch((connection) => {
    void wake();
    if (connection) void subscribePush(connection);
  });
  browser.runtime.onMessage.addListener((message: unknown, _sender, respond) => {
    if (!isAsk(message)) return false;
    answer(message.kind).then(respond, () => respond(null));
    return true;
  });
  self.addEventListener('online', () => void wake());
  const heard = async (data: unknown) => {
    const alert = raisedIn(data);
    if (alert !== null) await tellOfAlert(alert);
    await refresh();
  };
  self.addEventListener('push', (event) => {
    if ('waitUntil' in event && typeof event.waitUntil === 'function')
      event.waitUntil(heard('data' in event ? event.data : null));
  });

  // Creating it again replaces it, so a worker that the browser forgot to wake still has its clock.
  void browser.alarms.create(pollAlarm, { periodInMinutes: 0.5 });
  void wake();
});
