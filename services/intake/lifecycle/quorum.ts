/** Who may decide a request, and whether those who did are enough. */
import { mayContribute, met, type RequestRecord, type VerdictRecord } from '@countersign/shared/request';
import type { World } from './command.ts';

/** People whose hands are in the run do not approve it (law 8): the key's owner and whoever asked for it. */
export function isParty(request: Pick<RequestRecord, 'owner' | 'requested_by'>, person: string): boolean {
  return person === request.owner || person === request.requested_by;
}

/** Those of `people` who may decide this request now. */
export function deciders(request: RequestRecord, people: readonly string[], world: World): string[] {
  return people.filter(
    (person) =>
      !isParty(request, person) && mayContribute(request.terms.requirements, person, world.groupsOf),
  );
}

/** The verdicts of those who may still decide: who has left a group since counts no longer. */
export function standing(request: RequestRecord, world: World): VerdictRecord[] {
  return request.verdicts.filter(({ reviewer }) => deciders(request, [reviewer], world).length === 1);
}

/** Whether the standing approvals of this version meet every rule's demand. */
export function quorumMet(request: RequestRecord, world: World): boolean {
  const approvers = standing(request, world)
    .filter((v) => v.verdict === 'approve')
    .map((v) => v.reviewer);
  return request.terms.requirements.every((requirement) => met(requirement, approvers, world.groupsOf));
}

/** Whether the people there are could approve it at all; a request that nobody may decide raises an alarm. */
export function decidable(request: RequestRecord, world: World): boolean {
  const all = deciders(request, world.reviewers, world);
  return request.terms.requirements.every((requirement) => met(requirement, all, world.groupsOf));
}
