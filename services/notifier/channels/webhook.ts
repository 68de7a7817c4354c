/** Signed POSTs to a destination's URL, as Standard Webhooks 1.0.0 has it. */
import type { KeyObject } from 'node:crypto';
import type { DestinationRecord } from '@countersign/shared/directory';
import type { Outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import type { AlertNotice, Attempt, Channel, Notice, Outcome } from './channel.ts';
import { disableDestination, findDestination, incomplete } from './destination.ts';
import { outcomeOf } from './http-outcome.ts';
import { signedHeaders } from './signature.ts';
import { secretsOfUrl } from './url-secrets.ts';
import { alertBodyOf, bodyOf } from './webhook-body.ts';

export type SignedTarget = {
  url: string;
  secret: string;
  /** The secret before it: while it is being rotated both sign. */
  previous?: DestinationRecord['previous_secret'];
  headers: Record<string, string>;
};
/** `stored` is the destination as Redis holds it, to change it only if nobody else has. */
export type WebhookTarget = SignedTarget & { stored: string };

/** Headers that say how a message is framed or who vouches for it: never the destination's to set. */
const ours =
  /^(?:host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|webhook-.*)$/i;

/** Where signed messages leave, and what the installation signs them with. */
export type Sender = { out: Outbound; privateKey: KeyObject };

/** Signs and sends one attempt. The signature's time is this process's clock: receivers compare it with theirs. */
export async function postSigned(
  { out, privateKey }: Sender,
  { url, secret, previous, headers }: SignedTarget,
  notice: Notice | AlertNotice,
  { now }: Pick<Attempt, 'now'>,
): Promise<Outcome> {
  const body = 'alert' in notice ? alertBodyOf(notice) : bodyOf(notice);
  const custom = Object.entries(headers).filter(([name]) => !ours.test(name));
  const secrets = previous !== undefined && previous.until > now ? [secret, previous.secret] : [secret];
  const sent = {
    'user-agent': 'countersign',
    ...Object.fromEntries(custom),
    'content-type': 'application/json',
    ...(await signedHeaders({ secrets, privateKey }, notice.id, Date.now(), body)),
  };
  // Whoever gets it knows it again by its `webhook-id`.
  return outcomeOf(await out.post(url, { headers: sent, body, repeat: 'once' }), { gone: [410] });
}

/** What no log may repeat of a target: what it signs with, its headers, and what of its address lets in. */
export const secretsOf = ({ url, secret, previous, headers }: SignedTarget): string[] => [
  secret,
  ...(previous === undefined ? [] : [previous.secret]),
  ...Object.values(headers),
  ...secretsOfUrl(url),
];

/** The channel `webhook`. `address.id` is the destination's. */
export function webhookChannel(redis: Redis, sender: Sender): Channel<WebhookTarget> {
  return {
    async find(address) {
      const found = await findDestination(redis, address);
      if (!found.found) return found;
      const { destination, stored } = found.target;
      const { url, secret, previous_secret: previous, headers = {} } = destination;
      if (url === undefined || secret === undefined) return incomplete;
      return { found: true, target: { url, secret, ...(previous && { previous }), headers, stored } };
    },
    deliver: (target, notice, attempt) => postSigned(sender, target, notice, attempt),
    tell: (target, notice, attempt) => postSigned(sender, target, notice, attempt),
    async retire(address, { stored }, at) {
      await disableDestination(redis, address, stored, { at, reason: 'It answered 410 Gone.' });
    },
    secrets: secretsOf,
  };
}
