/** Callbacks are webhooks signed with the key's `callback_secret`, by https://www.standardwebhooks.com (v1). */
import type { RequestView } from '@countersign/shared/contracts';
import { InvalidCallback } from './errors.ts';

/** The body of a callback. The request in it never holds a token: read it with the client, or `resume` it. */
export type CallbackEvent = { type: string; timestamp: string; data: { request: RequestView } };

/** A `Headers`, or what Node and its frameworks give. */
export type CallbackHeaders = Headers | Record<string, string | string[] | undefined>;

/** How far the sender's clock and ours may be apart, in seconds. */
const tolerance = 300;

/**
 * The event in a callback, after checking who sent it and when.
 *
 * @param body the raw body, before any JSON parser touched it
 * @param secret `whsec_…`, as it was shown when the key was made; several while it is rotated
 * @param now Unix milliseconds
 * @throws {InvalidCallback} a header is missing, the time is more than five minutes off, or no signature fits.
 */
export async function verifyCallback(
  headers: CallbackHeaders,
  body: string | Uint8Array,
  secret: string | readonly string[],
  now: number = Date.now(),
): Promise<CallbackEvent> {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');

  const sent = /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (!(Math.abs(now / 1000 - sent) <= tolerance)) {
    throw new InvalidCallback(
      `webhook-timestamp is more than ${tolerance} seconds away from now: ${timestamp}`,
    );
  }

  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  for (const each of typeof secret === 'string' ? [secret] : secret) {
    if (await fits(each, signatures, signed)) return eventIn(bytes);
  }
  throw new InvalidCallback('No webhook-signature fits this body and secret.');
}

async function fits(secret: string, signatures: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const hash = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secretBytes(secret), hash, false, ['verify']);
  for (const each of signatures.split(' ')) {
    const [version, signature] = each.split(',');
    if (version !== 'v1' || signature === undefined) continue;
    const candidate = base64(signature);
    // WebCrypto compares in constant time.
    if (candidate && (await crypto.subtle.verify('HMAC', key, candidate, signed))) return true;
  }
  return false;
}

/** A wrong secret is a mistake in our own configuration, not in the callback. */
function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = base64(secret.replace(/^whsec_/, ''));
  if (!bytes || bytes.length === 0)
    throw new TypeError('The callback secret is not of the form whsec_<base64>.');
  return bytes;
}

function base64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function header(headers: CallbackHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : ofRecord(headers, name);
  if (typeof value !== 'string' || value === '') throw new InvalidCallback(`The header ${name} is missing.`);
  return value;
}

function ofRecord(headers: Record<string, string | string[] | undefined>, name: string): unknown {
  const found = Object.keys(headers).find((key) => key.toLowerCase() === name);
  return found === undefined ? undefined : headers[found];
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}

function eventIn(bytes: Uint8Array): CallbackEvent {
  let event: unknown;
  try {
    event = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InvalidCallback('The body is signed, but is not JSON.', { cause });
  }
  if (typeof event === 'object' && event !== null && 'type' in event && 'data' in event) {
    return event as CallbackEvent;
  }
  throw new InvalidCallback('The body is signed, but is not an event of the contract.');
}
