/** API keys: `cs_<workspace>_<secret>`. Only a hash is stored; 256 random bits need no slow one. */
import { hash } from 'node:crypto';
import { type Problem, problem } from '../contracts/index.ts';
import { workspaceName } from '../keys/index.ts';

/** Hash of a secret or code as it is stored. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** The workspace that a key's text names, or `undefined` when it is no key of ours. Proves nothing by itself. */
export function workspaceOfKey(text: string): string | undefined {
  const [, workspace] = /^cs_([^_]+)_[\w-]{32,}$/.exec(text) ?? [];
  return workspace !== undefined && workspaceName.test(workspace) ? workspace : undefined;
}

/** The key that an `Authorization` header carries, RFC 6750. */
export function bearerIn(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
}

const wanted = 'Send `Authorization: Bearer cs_…` with a key that has not been revoked.';

/** The refusal of a call without a key. */
export const noKey = (): Problem => problem('unauthorized', `No key was given. ${wanted}`);

/** The same refusal for a key that is wrong, revoked or of no workspace. */
export const invalidKey = (): Problem => problem('unauthorized', `This key is not valid. ${wanted}`);
