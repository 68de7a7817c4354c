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

/** The same demand, or the one that steps of its rule's ladder made of it: nobody left out, nobody added but by them. */
export function isGrownFrom(grown: Requirement, from: Requirement, { escalate }: RequestRecord): boolean {
  const brought = escalate
    .filter(({ done_at, rules }) => done_at !== undefined && rules.includes(from.rule))
    .flatMap(({ reviewers }) => reviewers);
  return (
    grown.rule === from.rule &&
    grown.slots.length === from.slots.length &&
    from.slots.every((slot, index) => {
      const now = grown.slots[index];
      if (now?.need !== slot.need) return false;
      if (slot.from === null || now.from === null) return slot.from === now.from;
      const all = [...slot.from, ...brought];
      return (
        slot.from.every((name) => now.from?.includes(name)) && now.from.every((name) => all.includes(name))
      );
    })
  );
}

/** Who has a hand in the run has no say in it. */
export function isParty({ owner, requested_by }: RequestRecord, person: string): boolean {
  return [owner, requested_by].includes(person);
}

/** The places of a requirement, one by one: who may fill each; null is anyone. */
export function placesOf({ slots }: Requirement): (string[] | null)[] {
  return slots.flatMap(({ from, need }) => Array<string[] | null>(need).fill(from));
}
