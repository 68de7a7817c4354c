/**
 * The web page's service worker: says that something waits while no page is in view, and opens it. It reads nothing
 * and knows no key. A push holds a request's or an alert's id, tier and status, and nothing of what is in it.
 */
import { getMessage } from './browser/words.ts';

type Page = { visibilityState: string; url: string; focus(): Promise<unknown> };
type Scope = {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
};

const scope: object = self;
if (isServiceWorker(scope)) {
  self.addEventListener('push', (event) => after(event, told(scope, read(event))));
  self.addEventListener('notificationclick', (event) => {
    if ('notification' in event && event.notification instanceof Notification) {
      event.notification.close();
      after(event, open(scope, event.notification.tag));
    }
  });
}

const prefix = 'request:';
/** What an alert's id begins with. */
const alertPrefix = 'alr_';

/** One notification a request, taken back when it no longer waits; none over a page that shows it already. */
async function told({ registration, clients }: Scope, push: Push | null): Promise<void> {
  const isAlert = push?.id.startsWith(alertPrefix) === true;
  const tag = push === null ? 'queue' : isAlert ? push.id : prefix + push.id;
  if (push !== null && push.status !== (isAlert ? 'raised' : 'pending')) {
    for (const notice of await registration.getNotifications({ tag })) notice.close();
    return;
  }
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.some((page) => page.visibilityState === 'visible')) return;
  const asks = push?.tier === 'critical' ? 'push_critical' : 'push_body';
  await registration.showNotification(getMessage(isAlert ? 'push_alert_title' : 'push_title'), {
    body: getMessage(isAlert ? 'push_alert_body' : asks),
    tag,
    icon: new URL('icon/128.png', registration.scope).href,
    requireInteraction: push?.tier === 'critical',
  });
}

/** Brings a page of ours to the front on the request, or opens one. */
async function open({ registration, clients }: Scope, tag: string): Promise<void> {
  const place = tag.startsWith(alertPrefix)
    ? '#/insights'
    : tag.startsWith(prefix)
      ? `#/request/${encodeURIComponent(tag.slice(prefix.length))}`
      : '#/';
  const url = new URL(place, registration.scope).href;
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const same = pages.find((page) => page.url === url);
  await (same ? same.focus() : clients.openWindow(url));
}

type Push = { id: string; tier: string; status: string };

/** What the push says, or null for one that we do not understand: then something waits, and that is all. */
function read(event: Event): Push | null {
  try {
    if (!('data' in event) || typeof event.data !== 'object' || event.data === null) return null;
    const { data } = event;
    const push: unknown = 'json' in data && typeof data.json === 'function' ? data.json() : null;
    return isPush(push) ? push : null;
  } catch {
    return null;
  }
}

function isPush(push: unknown): push is Push {
  if (typeof push !== 'object' || push === null) return false;
  return 'id' in push && typeof push.id === 'string' && 'tier' in push && 'status' in push;
}

function after(event: Event, done: Promise<unknown>): void {
  if ('waitUntil' in event && typeof event.waitUntil === 'function') event.waitUntil(done);
}

function isServiceWorker(worker: object): worker is Scope {
  return 'registration' in worker && 'clients' in worker;
}
