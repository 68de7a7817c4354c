/** Who may review, and in which groups: one reading of keys, people and policy for every part. */
import type { GroupsOf } from '../request/index.ts';
import type { ApiKeyRecord, PersonRecord } from './index.ts';

/** Owners of a live key that may decide. */
export function reviewersOf(apiKeys: readonly ApiKeyRecord[]): string[] {
  const deciding = apiKeys.filter((key) => key.revoked_at === undefined && key.roles.includes('reviewer'));
  return [...new Set(deciding.map((key) => key.owner))];
}

/** Groups of each reviewer: those of policy and those set over HTTP, together. Nobody else may review. */
export function groupsOfReviewers(
  reviewers: readonly string[],
  people: Iterable<PersonRecord>,
  policyGroups: Record<string, string[]>,
): GroupsOf {
  const groups = new Map(reviewers.map((reviewer) => [reviewer, new Set<string>()]));
  for (const person of people) for (const group of person.groups) groups.get(person.id)?.add(group);
  for (const [group, members] of Object.entries(policyGroups)) {
    for (const member of members) groups.get(member)?.add(group);
  }
  return (person) => groups.get(person);
}
