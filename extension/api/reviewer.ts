/** The reviewer's calls of the HTTP contract. */
import type {
  Decide,
  EditPreview,
  JsonObject,
  Paired,
  Queue,
  RequestView,
  Seen,
} from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isAnything, isEditPreview, isMe, isPaired, isQueue, isRequest } from './guard.ts';
import type { Answer } from './trouble.ts';

const at = (id: string, what = '') => `/v1/requests/${encodeURIComponent(id)}${what}`;

/** Trades a one-time code for a key. `device` is the name under which the key is listed. */
export function pair(server: string, code: string, device: string): Promise<Answer<Paired>> {
  return call({ server }, { method: 'POST', path: '/v1/pair', body: { code, device } }, isPaired);
}

/** Pending requests that this reviewer may decide, most urgent first. */
export function getQueue(access: Access, limit: number, cursor?: string): Promise<Answer<Queue>> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (cursor !== undefined) query.set('cursor', cursor);
  return call(access, { method: 'GET', path: `/v1/queue?${query}` }, isQueue);
}

export function getRequest(access: Access, id: string): Promise<Answer<RequestView>> {
  return call(access, { method: 'GET', path: at(id) }, isRequest);
}

/** Tells that this version was opened. Nobody waits for the answer. */
export function markViewed(access: Access, id: string, seen: Seen): Promise<Answer<unknown>> {
  return call(access, { method: 'POST', path: at(id, '/view'), body: { seen } }, isAnything);
}

/** Gives a verdict. A repeat of one's own identical verdict is answered like the first. */
export function decide(access: Access, id: string, body: Decide): Promise<Answer<RequestView>> {
  return call(access, { method: 'POST', path: at(id, '/decision'), body }, isRequest);
}

/** What policy says about an edit, without deciding anything. */
export function previewEdit(
  access: Access,
  id: string,
  args: JsonObject,
  seen: Seen,
): Promise<Answer<EditPreview>> {
  return call(
    access,
    { method: 'POST', path: at(id, '/decision/preview'), body: { args, seen } },
    isEditPreview,
  );
}

/** Takes back an approval that is still held. */
export function undo(access: Access, id: string): Promise<Answer<RequestView>> {
  return call(access, { method: 'POST', path: at(id, '/undo'), body: {} }, isRequest);
}

/** Asks the agent without deciding. The same question again, while it waits, is one question. */
export function askAgent(access: Access, id: string, text: string): Promise<Answer<RequestView>> {
  return call(access, { method: 'POST', path: at(id, '/question'), body: { text } }, isRequest);
}

/** "I'm on it" for five minutes, or no longer. */
export function claim(access: Access, id: string, release: boolean): Promise<Answer<RequestView>> {
  return call(access, { method: 'POST', path: at(id, '/claim'), body: { release } }, isRequest);
}

/** Takes an approval back before it runs. An empty reason is none. */
export function revoke(access: Access, id: string, reason: string): Promise<Answer<RequestView>> {
  const body = reason === '' ? {} : { reason };
  return call(access, { method: 'POST', path: at(id, '/revoke'), body }, isRequest);
}

/** Registers a Web Push subscription of this browser. */
export function subscribeToPush(
  access: Access,
  subscription: PushSubscriptionJSON,
): Promise<Answer<unknown>> {
  return call(access, { method: 'POST', path: '/v1/push-subscriptions', body: subscription }, isAnything);
}

/** Ends the subscription of that address. */
export function endPush(access: Access, endpoint: string): Promise<Answer<unknown>> {
  return call(access, { method: 'DELETE', path: '/v1/push-subscriptions', body: { endpoint } }, isAnything);
}

/** Whom this browser's key speaks for, and which contract the server speaks. */
export function getMe(access: Access): Promise<Answer<{ contract?: number; key_id: string }>> {
  return call(access, { method: 'GET', path: '/v1/me' }, isMe);
}
