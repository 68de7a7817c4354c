/**
 * What is about how people decide, for programs that watch counters: it is told in portions. A team's verdicts and
 * canaries are held back until five different people have added to them, and then told at once. Whoever watches a counter
 * sees each step of it, and when: told as it comes, a step would be one person's verdict, and teams are of five or more
 * (oversight, "Never").
 */
import { leastPeople } from './estimates.ts';
import { addTo, type Measures } from './measures.ts';
import type { DriftState, Memory } from './memory.ts';

/** A team's verdicts and canaries: what is told, and what is held until enough `people` stand behind it. */
export type Portion = {
  told: Measures;
  held: Measures;
  people: string[];
  /** The team's chart as it was when the last portion was told. */
  drift?: DriftState;
};

/** Holds what `counting` counts, of that person; with the fifth it is told. */
export function hold(
  memory: Memory,
  team: string,
  person: string | undefined,
  counting: (held: Measures) => void,
): void {
  const { told, held: before, people: known, drift } = memory.get('portion', team) ?? nothing;
  const held = { ...before };
  counting(held);
  const people = person === undefined || known.includes(person) ? known : [...known, person];
  if (people.length < leastPeople) {
    memory.set('portion', team, { told, held, people, ...(drift && { drift }) });
    return;
  }
  const all = { ...told };
  addTo(all, held);
  const chart = memory.get('drift', team);
  memory.set('portion', team, { told: all, held: {}, people: [], ...(chart && { drift: chart }) });
}

const nothing: Portion = { told: {}, held: {}, people: [] };
