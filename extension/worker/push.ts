import { endPush, subscribeToPush } from '../api/reviewer.ts';
import type { Connection } from '../keep/items.ts';
import { serviceWorkerScope } from './scope.ts';

/** Where there is no push service, `subscribe` neither succeeds nor fails. */
const patience = 10_000;

/**
 * Subscribes this browser to Web Push and tells the server. A push only ever means "look again": the stream and the
 * alarm find the same news without it, so every failure here is let be.
 */
export async function subscribePush(connection: Connection): Promise<void> {
  const scope = serviceWorkerScope();
  if (!scope) return;
  const subscription = await Promise.race([
    scope.registration.pushManager
      .subscribe({ userVisibleOnly: false, applicationServerKey: connection.vapid_public_key })
      .catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), patience)),
  ]);
  if (subscription) await subscribeToPush(connection, subscription.toJSON());
}

/** Ends this browser's subscription, at the server and in the browser. */
export async function unsubscribePush(connection: Connection): Promise<void> {
  const subscription = await serviceWorkerScope()?.registration.pushManager.getSubscription();
  if (!subscription) return;
  await Promise.all([endPush(connection, subscription.endpoint), subscription.unsubscribe()]);
}
