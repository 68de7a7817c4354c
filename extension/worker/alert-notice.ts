import { browser } from 'wxt/browser';
import { say } from '../words/say.ts';

/** What the notification of an alert is called; the queue's own are not taken back with it, nor it with them. */
export const alertNotice = 'alert:';

/** The id of the alert that a push says is raised; null for any other push. It holds an id, an urgency and a status. */
export function raisedIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('json' in data) || typeof data.json !== 'function')
    return null;
  try {
    const push: unknown = data.json();
    if (typeof push !== 'object' || push === null || !('id' in push) || !('status' in push)) return null;
    const { id, status } = push;
    return typeof id === 'string' && id.startsWith('alr_') && status === 'raised' ? id : null;
  } catch {
    return null;
  }
}

/** Says that an alert is raised. A lock screen may show it: what it is about stands on the page alone. */
export async function tellOfAlert(id: string): Promise<void> {
  await browser.notifications.create(alertNotice + id, {
    type: 'basic',
    iconUrl: browser.runtime.getURL('/icon/128.png'),
    title: say('push_alert_title'),
    message: say('push_alert_body'),
  });
}
