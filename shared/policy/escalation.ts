/** The ladder: who is told, and who may decide as well, while nobody does. Pure. */
import { distinct, type Requirement, requirementKey, type Terms } from './terms.ts';

/**
 * One step as a rule or tier states it, so long after the request was made: `notify` hears of it, `reviewers` may
 * decide as well from then on, `channels` tell of it beside those that would anyway. Names are of groups or people.
 */
export type StatedStep = {
  after_ms: number;
  notify: string[];
  reviewers: string[];
  channels: string[];
};

/** A step, and the rules that state it: it widens their demands and no other rule's. */
export type EscalationStep = StatedStep & { rules: string[] };

/** Whether two steps are one, whichever rules state them. */
export function sameStep(a: EscalationStep, b: EscalationStep): boolean {
  return a === b || keyOf(a) === keyOf(b);
}

function keyOf({ after_ms, notify, reviewers, channels }: EscalationStep): string {
  return JSON.stringify([after_ms, notify, reviewers, channels]);
}

/**
 * The steps of all in the order of time. What several rules state is one step for all of them; where it stands twice
 * the first is kept, with whatever else is known of it.
 */
export function inOneLadder<Step extends EscalationStep>(steps: readonly Step[]): Step[] {
  const ladder = new Map<string, Step>();
  for (const step of steps) {
    const same = ladder.get(keyOf(step));
    const rules = same === undefined ? step.rules : [...new Set([...same.rules, ...step.rules])];
    ladder.set(keyOf(step), { ...(same ?? step), rules });
  }
  return [...ladder.values()].sort((a, b) => a.after_ms - b.after_ms);
}

/**
 * What a request must satisfy once a step is done: every place that a rule of this step names takes the step's reviewers
 * too. How many must approve stays the same, and so do the demands of other rules. The very same terms where the step
 * adds nobody.
 */
export function widen(terms: Terms, { reviewers, rules }: EscalationStep): Terms {
  let changed = false;
  const requirements = terms.requirements.map((requirement): Requirement => {
    if (!rules.includes(requirement.rule)) return requirement;
    const slots = requirement.slots.map((slot) => {
      const { from } = slot;
      const added = from === null ? [] : reviewers.filter((name) => !from.includes(name));
      if (from === null || added.length === 0) return slot;
      changed = true;
      return { ...slot, from: [...from, ...added] };
    });
    return { ...requirement, slots };
  });
  // Two demands of one rule may have become the same.
  return changed ? { ...terms, requirements: distinct(requirements, requirementKey) } : terms;
}
