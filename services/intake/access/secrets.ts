/** API keys: `cs_<workspace>_<secret>`. Only a hash is stored; 256 random bits need no slow one. */
import { hash, randomBytes } from 'node:crypto';
import { workspaceName } from '@countersign/shared/keys';

/** Hash of a secret or code as it is stored. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Makes a key for a workspace. The text is shown once. */
export function newApiKey(workspace: string): { text: string; hash: string } {
  const text = `cs_${workspace}_${randomBytes(32).toString('base64url')}`;
  return { text, hash: hashOf(text) };
}

/** The workspace that a key's text names, or `undefined` when it is no key of ours. Proves nothing by itself. */
export function workspaceOfKey(text: string): string | undefined {
  const [, workspace] = /^cs_([^_]+)_[\w-]{32,}$/.exec(text) ?? [];
  return workspace !== undefined && workspaceName.test(workspace) ? workspace : undefined;
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
