/** From a bearer key to a caller. */
import { type Problem, problem, type Role } from '@countersign/shared/contracts';
import type { Caller } from '../requests/service.ts';
import type { Workspaces } from '../workspace/workspaces.ts';
import { hashOf, workspaceOfKey } from './secrets.ts';

const wanted = 'Send `Authorization: Bearer cs_…` with a key that has not been revoked.';

/** Who is calling; the same refusal for a key that is wrong, revoked or of no workspace. */
export async function authenticate(
  workspaces: Workspaces,
  authorization: string | undefined,
): Promise<Caller | Problem> {
  const [, text] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? [];
  if (text === undefined) return problem('unauthorized', `No key was given. ${wanted}`);
  const workspace = workspaceOfKey(text);
  const current = workspace === undefined ? undefined : await workspaces.current(workspace);
  const key = current?.snapshot.directory.keysByHash.get(hashOf(text));
  if (workspace === undefined || current === undefined || key === undefined) {
    return problem('unauthorized', `This key is not valid. ${wanted}`);
  }
  return { workspace, key, current };
}

/** Refuses a caller that has none of these roles. */
export function lacksRole({ key }: Caller, roles: readonly Role[]): Problem | undefined {
  if (roles.length === 0 || roles.some((role) => key.roles.includes(role))) return undefined;
  return problem(
    'forbidden',
    `This call is for ${roles.join(' or ')}; this key is for ${key.roles.join(', ')}.`,
  );
}
