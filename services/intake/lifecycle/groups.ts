/** Which groups a request asks: the teams whose oversight it is part of. Pure. */
import { audienceOf, type RequestRecord } from '@countersign/shared/request';
import type { World } from './command.ts';

/**
 * Names of the groups, in order; none where people are asked by name only; absent where any reviewer may decide. A name
 * counts as a group when somebody is in it: names of people are not to be in the log.
 */
export function groupsAsked(request: Pick<RequestRecord, 'terms'>, world: World): { groups?: string[] } {
  const asked = audienceOf(request);
  if (asked.includes('any')) return {};
  const isGroup = (name: string): boolean =>
    world.reviewers.some((reviewer) => reviewer !== name && world.groupsOf(reviewer)?.has(name) === true);
  return { groups: asked.filter(isGroup) };
}
