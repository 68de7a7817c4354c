/** Who answers for a destination: those who administer the workspace, and whoever added it. */
import type { ApiKeyRecord, DestinationRecord, PersonRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** An owner who can be written to. */
export type Owner = { email: string; because: 'admin' | 'creator' };

/**
 * The owners by their ids. Admins own a live key with that role; whoever added the destination counts as long as they
 * have a live key at all. Those without an address are left out. Pure.
 */
export function ownersOf(
  { created_by }: Pick<DestinationRecord, 'created_by'>,
  apiKeys: readonly ApiKeyRecord[],
  people: readonly PersonRecord[],
): Map<string, Owner> {
  const live = apiKeys.filter(({ revoked_at }) => revoked_at === undefined);
  const admins = new Set(live.flatMap(({ owner, roles }) => (roles.includes('admin') ? [owner] : [])));
  const creator = live.some(({ owner }) => owner === created_by) ? created_by : undefined;
  return new Map(
    people.flatMap(({ id, email }): [string, Owner][] => {
      if (email === undefined) return [];
      // Whoever added it knows it best: that is the reason that tells them most.
      if (id === creator) return [[id, { email, because: 'creator' }]];
      return admins.has(id) ? [[id, { email, because: 'admin' }]] : [];
    }),
  );
}

/** Reads them as they are now. */
export async function readOwners(
  redis: Redis,
  workspace: string,
  destination: Pick<DestinationRecord, 'created_by'>,
): Promise<Map<string, Owner>> {
  const keys = workspaceKeys(workspace);
  const [apiKeys, people] = await Promise.all([redis.hvals(keys.apiKeys), redis.hvals(keys.people)]);
  return ownersOf(
    destination,
    apiKeys.map((text) => JSON.parse(text) as ApiKeyRecord),
    people.map((text) => JSON.parse(text) as PersonRecord),
  );
}

/** The ids of those who are to be told of a destination's end. That there is nobody is said in the log. */
export async function ownersToTell(
  redis: Redis,
  logger: Logger,
  workspace: string,
  destination: string,
): Promise<string[]> {
  const stored = await redis.hget(workspaceKeys(workspace).destinations, destination);
  if (stored === null) return [];
  const owners = await readOwners(redis, workspace, JSON.parse(stored) as DestinationRecord);
  if (owners.size === 0)
    logger.warn({ workspace, destination }, 'a destination is disabled, and no admin has an e-mail address');
  return [...owners.keys()];
}
