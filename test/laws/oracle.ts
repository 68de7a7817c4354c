/** What the laws are judged by, worked out here and not by the code under test. */
import type { FreezeRecord } from '@countersign/shared/directory';
import type { Requirement } from '@countersign/shared/policy';
import type { RequestRecord } from '@countersign/shared/request';
import type { World } from '../../services/intake/lifecycle/command.ts';

/** Whether these people fill every place of a requirement, each at most one: found by trying all seatings. */
export function seated(
  places: (string[] | null)[],
  people: readonly string[],
  groupsOf: World['groupsOf'],
): boolean {
  const [place, ...others] = places;
  if (place === undefined) return true;
  return people.some((person) => {
    const groups = groupsOf(person);
    const fits =
      groups !== undefined && (place === null || place.includes(person) || place.some((g) => groups.has(g)));
    return (
      fits &&
      seated(
        others,
        people.filter((other) => other !== person),
        groupsOf,
      )
    );
  });
}

/** Freezes that were set while this request stood and are for it, lifted or not. */
export function freezesOf({ freeze_epoch, agent, tool }: RequestRecord, { freezes }: World): FreezeRecord[] {
  return freezes.filter(
    ({ epoch, scope, match }) =>
      epoch > freeze_epoch && (scope === 'workspace' || match === (scope === 'agent' ? agent : tool)),
  );
}

/** Whether a freeze is on for this request, whenever it was set. */
export function isFrozen(request: RequestRecord, world: World): boolean {
  const ever = freezesOf({ ...request, freeze_epoch: 0 }, world);
  return ever.some(({ lifted_at }) => lifted_at === undefined);
}

/** The places of a requirement, one by one: who may fill each; null is anyone. */
export function placesOf({ slots }: Requirement): (string[] | null)[] {
  return slots.flatMap(({ from, need }) => Array<string[] | null>(need).fill(from));
}
