/** Making secrets: API keys, pairing codes, signing secrets. */
import { randomBytes } from 'node:crypto';
import { hashOf } from '@countersign/shared/access';

/** Makes a key for a workspace. The text is shown once. */
export function newApiKey(workspace: string): { text: string; hash: string } {
  const text = `cs_${workspace}_${randomBytes(32).toString('base64url')}`;
  return { text, hash: hashOf(text) };
}

/** Letters and digits that nobody mistakes for each other. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A pairing code such as `7KQ2M-XR4TD`: 50 random bits, for ten minutes and one use. */
export function newPairCode(): string {
  const letters = [...randomBytes(10)].map((byte) => alphabet[byte % alphabet.length]).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** The code as it was shown, however it was typed. */
export function normalPairCode(typed: string): string {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** A signing secret for webhooks and callbacks, Standard Webhooks form. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
