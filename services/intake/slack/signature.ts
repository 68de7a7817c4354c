/** Whether Slack has sent it: https://docs.slack.dev/authentication/verifying-requests-from-slack */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a request may be, or how far ahead of us its sender's clock, s. */
const window = 300;

/** What came with a request, as it came. */
export type Signed = { body: Uint8Array; timestamp: string | undefined; signature: string | undefined };

/**
 * Whether this signing secret has signed it just now. The comparison takes the same time wherever it fails.
 *
 * @param now ms
 */
export function isSigned({ body, timestamp, signature }: Signed, secret: string, now: number): boolean {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1_000 - Number(timestamp)) > window) return false;
  const [, hex] = /^v0=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
  if (hex === undefined) return false;
  const wanted = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(Buffer.from(hex, 'hex'), wanted);
}
