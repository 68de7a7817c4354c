/** Who and where: what routing needs to know of a workspace, read from what intake keeps in Redis. */
import type {
  ApiKeyRecord,
  DestinationRecord,
  PersonRecord,
  PushSubscriptionRecord,
} from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import { type Directory, directoryOf, type Places, preferencesOf } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import type { StateVersions } from '../record/record.ts';

const parseAll = <T>(hash: Record<string, string>): T[] =>
  Object.values(hash).map((text) => JSON.parse(text) as T);

export type DirectoryReader = {
  /** @param versions as they stand; read when absent */
  directory(workspace: string, versions?: StateVersions): Promise<Directory>;
  places(workspace: string): Promise<Places>;
};

/** Opens the reader. People, keys and preferences are kept in memory under the versions that intake gives them. */
export function directoryReader(
  redis: Redis,
  onPolicyError: (workspace: string, digest: string) => void,
): DirectoryReader {
  const known = new Map<string, { version: string; directory: Directory }>();

  async function policyGroups(workspace: string, digest: string): Promise<Record<string, string[]>> {
    const text = await redis.get(workspaceKeys(workspace).policy(digest));
    const loaded = text === null ? undefined : loadPolicySet(JSON.parse(text) as PolicyFile[]);
    if (loaded?.ok) return loaded.set.groups;
    // Intake is not ready with such a policy either; what is under way is still told to those whom the people's records name.
    onPolicyError(workspace, digest);
    return {};
  }

  return {
    async directory(workspace, asked) {
      const keys = workspaceKeys(workspace);
      const versions =
        asked ?? (await redis.hmget(keys.state, 'directory', 'policy', 'preferences', 'continuity'));
      const [, policy] = versions;
      const state = versions.map((version) => version ?? '').join(' ');
      const cached = known.get(workspace);
      if (cached?.version === state) return cached.directory;
      const [apiKeys, people, preferences, groups] = await Promise.all([
        redis.hgetall(keys.apiKeys),
        redis.hgetall(keys.people),
        redis.hgetall(keys.preferences),
        policy ? policyGroups(workspace, policy) : {},
      ]);
      const directory = directoryOf(
        parseAll<ApiKeyRecord>(apiKeys),
        parseAll<PersonRecord>(people),
        groups,
        preferencesOf(preferences),
      );
      // The versions were read before the contents, so a change in between is read again next time.
      known.set(workspace, { version: state, directory });
      return directory;
    },
    async places(workspace) {
      const keys = workspaceKeys(workspace);
      const [destinations, subscriptions] = await Promise.all([
        redis.hgetall(keys.destinations),
        redis.hgetall(keys.pushSubscriptions),
      ]);
      return {
        destinations: parseAll<DestinationRecord>(destinations),
        subscriptions: parseAll<PushSubscriptionRecord>(subscriptions),
      };
    },
  };
}
