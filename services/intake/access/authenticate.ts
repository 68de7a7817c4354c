/** From a bearer key to a caller. */
import { bearerIn, hashOf, invalidKey, noKey, workspaceOfKey } from '@countersign/shared/access';
import type { Problem } from '@countersign/shared/contracts';
import type { Caller } from '../requests/service.ts';
import type { Workspaces } from '../workspace/workspaces.ts';

/** Who is calling; the same refusal for a key that is wrong, revoked or of no workspace. */
export async function authenticate(
  workspaces: Workspaces,
  authorization: string | undefined,
): Promise<Caller | Problem> {
  const text = bearerIn(authorization);
  if (text === undefined) return noKey();
  const workspace = workspaceOfKey(text);
  const current = workspace === undefined ? undefined : await workspaces.current(workspace);
  const key = current?.snapshot.directory.keysByHash.get(hashOf(text));
  if (workspace === undefined || current === undefined || key === undefined) return invalidKey();
  return { workspace, key, current };
}
