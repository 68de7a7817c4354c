/** Who there is: reviewers, the people on record, whoever policy's groups name, and what each of them wishes. */
import { Preferences } from '../contracts/index.ts';
import {
  type ApiKeyRecord,
  type DestinationRecord,
  groupsOfReviewers,
  type PersonRecord,
  type PushSubscriptionRecord,
  reviewersOf,
} from '../directory/index.ts';
import type { GroupsOf } from '../request/index.ts';

export type Directory = {
  /** The groups of a person who may review, `undefined` of anyone else. */
  groupsOf: GroupsOf;
  /** Whether this key still lets its owner decide. */
  isReviewerKey: (keyId: string) => boolean;
  /** Who leads or administers: whom an alarm concerns. */
  overseers: ReadonlySet<string>;
  /** People on record, by id. */
  people: ReadonlyMap<string, PersonRecord>;
  /** Everyone known, on record or not, in the order of their ids, with their groups whether they may review or not. */
  everyone: ReadonlyMap<string, ReadonlySet<string>>;
  /** What each person wishes; absent where they never said. */
  preferences: ReadonlyMap<string, Preferences>;
};

/** Where notices can go, as of now. */
export type Places = { destinations: DestinationRecord[]; subscriptions: PushSubscriptionRecord[] };

/**
 * What people wish, from the hash in which it is stored. Through the schema, so that a record from before a field
 * existed gets its default; one that the schema refuses is as if its person had never said anything.
 */
export function preferencesOf(stored: Record<string, string>): Map<string, Preferences> {
  return new Map(
    Object.entries(stored).flatMap(([person, text]): [string, Preferences][] => {
      const read = Preferences.safeParse(JSON.parse(text));
      return read.success ? [[person, read.data]] : [];
    }),
  );
}

/** Groups come from policy and from people's records; only owners of a live reviewer's key may review. */
export function directoryOf(
  keys: ApiKeyRecord[],
  people: PersonRecord[],
  policyGroups: Record<string, string[]>,
  preferences: ReadonlyMap<string, Preferences> = new Map(),
): Directory {
  const live = keys.filter((key) => key.revoked_at === undefined);
  const reviewerKeys = new Set(live.flatMap(({ id, roles }) => (roles.includes('reviewer') ? [id] : [])));
  const overseers = new Set(
    live.flatMap(({ owner, roles }) => (roles.includes('lead') || roles.includes('admin') ? [owner] : [])),
  );
  const reviewers = reviewersOf(keys);
  const everyone = [
    ...new Set([
      ...reviewers,
      ...overseers,
      ...people.map(({ id }) => id),
      ...Object.values(policyGroups).flat(),
    ]),
  ].sort();
  const groupsOfAll = groupsOfReviewers(everyone, people, policyGroups);
  return {
    groupsOf: groupsOfReviewers(reviewers, people, policyGroups),
    isReviewerKey: (id) => reviewerKeys.has(id),
    overseers,
    people: new Map(people.map((person) => [person.id, person])),
    everyone: new Map(everyone.map((id) => [id, groupsOfAll(id) ?? new Set()])),
    preferences,
  };
}
