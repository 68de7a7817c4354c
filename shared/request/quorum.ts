/** Whether a set of people meets what policy demands. Pure; used by the lifecycle to decide and by views to show progress. */
import type { Requirement } from '../policy/index.ts';

/** The groups of a person now, `undefined` for someone who may not review at all. The person's own id counts as a group. */
export type GroupsOf = (person: string) => ReadonlySet<string> | undefined;

/** Whether this person may fill a slot. `from: null` is any reviewer. */
export function fits(from: string[] | null, person: string, groupsOf: GroupsOf): boolean {
  const groups = groupsOf(person);
  if (groups === undefined) return false;
  return from === null || from.some((name) => name === person || groups.has(name));
}

/**
 * How many places of one requirement these people fill. Each person fills one place at most, so one approver in two
 * groups does not stand for both: a maximum matching, found by augmenting paths (the sizes are tiny).
 */
export function slotsMet(requirement: Requirement, people: string[], groupsOf: GroupsOf): number {
  if (people.length === 0) return 0;
  const places = requirement.slots.flatMap((slot) => new Array<typeof slot.from>(slot.need).fill(slot.from));
  const taken = new Map<number, string>();
  const seat = (person: string, tried: Set<number>): boolean => {
    for (const [index, from] of places.entries()) {
      if (tried.has(index) || !fits(from, person, groupsOf)) continue;
      tried.add(index);
      const sitting = taken.get(index);
      if (sitting === undefined || seat(sitting, tried)) {
        taken.set(index, person);
        return true;
      }
    }
    return false;
  };
  for (const person of new Set(people)) {
    if (taken.size === places.length) break;
    seat(person, new Set());
  }
  return taken.size;
}

/** Whether these people meet one requirement in full. */
export function met(requirement: Requirement, people: string[], groupsOf: GroupsOf): boolean {
  return (
    slotsMet(requirement, people, groupsOf) === requirement.slots.reduce((sum, slot) => sum + slot.need, 0)
  );
}

/** Whether this person's approval could count towards any of these requirements. */
export function mayContribute(requirements: Requirement[], person: string, groupsOf: GroupsOf): boolean {
  return requirements.some(({ slots }) => slots.some((slot) => fits(slot.from, person, groupsOf)));
}
