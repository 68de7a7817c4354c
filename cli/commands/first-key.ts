/** `keys first`: an installation without keys has nobody who could make one over HTTP. */
import { createKey } from '@countersign/intake/access/keys.ts';
import { connectForCommands } from '@countersign/intake/store/connect.ts';
import { redisTime } from '@countersign/intake/workspace/workspaces.ts';
import type { ApiKeyRecord } from '@countersign/shared/directory';
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import { pino } from 'pino';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { whyUnreachable } from '../provision/redis.ts';
import { inert } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Makes an admin's key straight in Redis and prints it. Refuses in a workspace that does not exist, and in
 * one that has a working admin key: from there on, keys are made by admins and on record as theirs.
 */
export async function createFirstKey(
  { owner, workspace }: { owner: string; workspace: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const url = terminal.env.REDIS_URL;
  if (!url) {
    terminal.err('Set REDIS_URL to the Redis that intake uses.');
    return exitCode.usage;
  }
  const unreachable = await whyUnreachable(url);
  if (unreachable !== undefined) {
    terminal.err(`The Redis of REDIS_URL can not be reached: ${unreachable}.`);
    return exitCode.unavailable;
  }
  const redis = connectForCommands(url, pino({ level: 'silent' }));
  await redis.connect();
  try {
    if ((await redis.sismember(globalKeys.workspaces, workspace)) === 0) {
      terminal.err(
        `There is no workspace ${inert(workspace)}. Intake makes it when it first loads its policies.`,
      );
      return exitCode.refused;
    }
    const stored = await redis.hvals(workspaceKeys(workspace).apiKeys);
    const keys = stored.map((text): ApiKeyRecord => JSON.parse(text));
    if (keys.some(({ roles, revoked_at }) => roles.includes('admin') && revoked_at === undefined)) {
      terminal.err(`${workspace} has an admin already: let them make keys with \`countersign keys create\`.`);
      return exitCode.refused;
    }
    const body = { roles: ['admin' as const], owner };
    const actor = { kind: 'system' as const, id: 'keys-first' };
    const made = await createKey(redis, workspace, body, actor, redisTime(await redis.time()));
    terminal.out(made.key);
    terminal.err(
      `${made.id} belongs to ${inert(owner)}, who may make the other keys. It is not shown again.`,
    );
    return exitCode.done;
  } finally {
    redis.disconnect();
  }
}
