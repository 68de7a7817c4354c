/** Who and where: what routing needs to know of a workspace, read from what intake keeps in Redis. */
import {
  type ApiKeyRecord,
  type DestinationRecord,
  groupsOfReviewers,
  type PersonRecord,
  type PushSubscriptionRecord,
  reviewersOf,
} from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import type { GroupsOf } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

export type Directory = {
  /** The groups of a person who may review, `undefined` of anyone else. */
  groupsOf: GroupsOf;
  /** Whether this key still lets its owner decide. */
  isReviewerKey: (keyId: string) => boolean;
};

/** Where notices can go, as of now. */
export type Places = { destinations: DestinationRecord[]; subscriptions: PushSubscriptionRecord[] };

const parseAll = <T>(hash: Record<string, string>): T[] =>
  Object.values(hash).map((text) => JSON.parse(text) as T);

/** Groups come from policy and from people's records; only owners of a live reviewer's key may review. */
export function directoryOf(
  keys: ApiKeyRecord[],
  people: PersonRecord[],
  policyGroups: Record<string, string[]>,
): Directory {
  const live = keys.filter((key) => key.revoked_at === undefined && key.roles.includes('reviewer'));
  const reviewerKeys = new Set(live.map((key) => key.id));
  return {
    groupsOf: groupsOfReviewers(reviewersOf(keys), people, policyGroups),
    isReviewerKey: (id) => reviewerKeys.has(id),
  };
}

export type DirectoryReader = {
  directory(workspace: string): Promise<Directory>;
  places(workspace: string): Promise<Places>;
};

/** Opens the reader. People and keys are kept in memory under the version that intake gives them. */
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
    async directory(workspace) {
      const keys = workspaceKeys(workspace);
      const [version, policy] = await redis.hmget(keys.state, 'directory', 'policy');
      const state = `${version ?? ''} ${policy ?? ''}`;
      const cached = known.get(workspace);
      if (cached?.version === state) return cached.directory;
      const [apiKeys, people, groups] = await Promise.all([
        redis.hgetall(keys.apiKeys),
        redis.hgetall(keys.people),
        policy ? policyGroups(workspace, policy) : {},
      ]);
      const directory = directoryOf(parseAll<ApiKeyRecord>(apiKeys), parseAll<PersonRecord>(people), groups);
      // The version was read before the contents, so a change in between is read again next time.
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
