/** Keys and people of a workspace in memory, as of one version of the directory. */
import { type ApiKeyRecord, type PersonRecord, reviewersOf } from '@countersign/shared/directory';

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
    reviewers: reviewersOf(apiKeys),
  };
}
