import { endPush, subscribeToPush } from '../api/reviewer.ts';
import type { Connection } from '../keep/items.ts';
import { homeServer } from '../surface/home.ts';
import { serviceWorkerScope } from './scope.ts';

/** Where there is no push service, `subscribe` neither succeeds nor fails. */
const patience = 10_000;

/**
 * Subscribes this browser to Web Push and tells the server. A push only ever means "look again": the stream and the
 * alarm find the same news without it, so every failure here is let be.
 */
export async function subscribePush(connection: Connection): Promise<void> {
  const registration = await pushRegistration();
  if (!registration) return;
  const subscription = await Promise.race([
    registration.pushManager
      // Only an extension may be woken without showing anything.
      .subscribe({ userVisibleOnly: homeServer !== null, applicationServerKey: connection.vapid_public_key })
      .catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), patience)),
  ]);
  if (subscription) await subscribeToPush(connection, subscription.toJSON());
}

/** Ends this browser's subscription, at the server and in the browser. */
export async function unsubscribePush(connection: Connection): Promise<void> {
  const subscription = await (await pushRegistration())?.pushManager.getSubscription();
  if (!subscription) return;
  await Promise.all([endPush(connection, subscription.endpoint), subscription.unsubscribe()]);
}

/** The service worker that pushes wake: the extension's own, or the web page's once it may show notices. */
async function pushRegistration(): Promise<ServiceWorkerRegistration | undefined> {
  if (homeServer === null) return serviceWorkerScope()?.registration;
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return undefined;
  return navigator.serviceWorker?.ready;
}
