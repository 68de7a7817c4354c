/** Keys and people of a workspace in memory, as of one version of the directory. */
import type { ApiKeyRecord, PersonRecord } from '@countersign/shared/directory';
import type { GroupsOf } from '@countersign/shared/request';

export type Directory = {
  keysByHash: ReadonlyMap<string, ApiKeyRecord>;
  keysById: ReadonlyMap<string, ApiKeyRecord>;
  people: ReadonlyMap<string, PersonRecord>;
  /** Owners of a live key that may decide. */
  reviewers: readonly string[];
};

/** Indexes what the workspace's hashes hold. */
export function directoryOf(apiKeys: ApiKeyRecord[], people: PersonRecord[]): Directory {
  const live = apiKeys.filter((key) => key.revoked_at === undefined);
  return {
    keysByHash: new Map(live.map((key) => [key.hash, key])),
    keysById: new Map(apiKeys.map((key) => [key.id, key])),
    people: new Map(people.map((person) => [person.id, person])),
    reviewers: [...new Set(live.filter((key) => key.roles.includes('reviewer')).map((key) => key.owner))],
  };
}

/** Groups of each reviewer: those of policy and those set over HTTP, together. Nobody else may review. */
export function groupsFrom(directory: Directory, policyGroups: Record<string, string[]>): GroupsOf {
  const groups = new Map<string, Set<string>>();
  for (const reviewer of directory.reviewers) {
    groups.set(reviewer, new Set(directory.people.get(reviewer)?.groups ?? []));
  }
  for (const [group, members] of Object.entries(policyGroups)) {
    for (const member of members) groups.get(member)?.add(group);
  }
  return (person) => groups.get(person);
}
