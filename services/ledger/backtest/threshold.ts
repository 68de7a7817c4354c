/**
 * One round threshold on one value of a tool's arguments, found on some of its calls: `param.amount > 50` asks a person,
 * the rest does not. Pure. Few are tried, and a threshold counts only if luck among all that were tried would hardly
 * have done as well (oversight design, "Suggestions that stay honest").
 */
import { chanceOfHits } from './chance.ts';
import type { Features } from './features.ts';

/** A call of the tool: its numbers, and whether it is known to have been wrong. */
export type Case = { features: Features; faulty: boolean };

export type Threshold = { expression: string; over: number };

/** `k` of `n` are gated: of all calls, and of those that were wrong. */
export type Gated = { calls: { k: number; n: number }; faulty: { k: number; n: number } };

export type Fitted =
  | { found: true; threshold: Threshold; tried: number; chance: number; gated: Gated }
  | { found: false; tried: number };

/** As a policy's `when` has it. */
export const conditionOf = ({ expression, over }: Threshold): string => `${expression} > ${over}`;

/**
 * Whether a person would be asked. A value that is missing asks as well: the condition has no answer then, and what can
 * not be decided goes to a human (law 3).
 */
export function asks({ expression, over }: Threshold, features: Features): boolean {
  const value = features.get(expression);
  return value === undefined || value > over;
}

/** What a threshold comes to on these calls. */
export function gatedBy(threshold: Threshold, cases: readonly Case[]): Gated {
  const gated: Gated = { calls: { k: 0, n: cases.length }, faulty: { k: 0, n: 0 } };
  for (const { features, faulty } of cases) {
    const asked = asks(threshold, features) ? 1 : 0;
    gated.calls.k += asked;
    gated.faulty.n += faulty ? 1 : 0;
    gated.faulty.k += faulty ? asked : 0;
  }
  return gated;
}

/** 0 and 1, 2 and 5 times the powers of ten that lie from `least` up to, but not at, `most`. */
export function roundNumbers(least: number, most: number): number[] {
  const found = least <= 0 && most > 0 ? [0] : [];
  const first = least > 0 ? Math.floor(Math.log10(least)) : 0;
  for (let power = Math.max(first, -2); 10 ** power < most && power <= 12; power++)
    for (const factor of [1, 2, 5]) {
      const number = Number((factor * 10 ** power).toPrecision(1));
      if (number >= least && number < most) found.push(number);
    }
  return found;
}

/** Every threshold that divides these calls, in no more than round numbers. */
function candidates(cases: readonly Case[]): Threshold[] {
  const ranges = new Map<string, { least: number; most: number }>();
  for (const { features } of cases)
    for (const [expression, value] of features) {
      const { least, most } = ranges.get(expression) ?? { least: value, most: value };
      ranges.set(expression, { least: Math.min(least, value), most: Math.max(most, value) });
    }
  return [...ranges].flatMap(([expression, { least, most }]) =>
    roundNumbers(least, most).map((over) => ({ expression, over })),
  );
}

/** The share of what was wrong that is gated, less the share of the rest that is (Youden's J). */
function worth({ calls, faulty }: Gated): number {
  const others = calls.n - faulty.n;
  return faulty.k / faulty.n - (others === 0 ? 0 : (calls.k - faulty.k) / others);
}

/**
 * The threshold that tells best what was wrong from the rest, or none.
 *
 * @param alpha the chance, over all that were tried, to find one where there is none (Bonferroni)
 */
export function fitThreshold(cases: readonly Case[], alpha = 0.05): Fitted {
  const all = candidates(cases).map((threshold) => ({ threshold, gated: gatedBy(threshold, cases) }));
  const dividing = all.filter(({ gated: { calls } }) => calls.k > 0 && calls.k < calls.n);
  const tried = dividing.length;
  const wrong = cases.filter(({ faulty }) => faulty).length;
  if (wrong === 0) return { found: false, tried };
  const [best] = dividing
    .map(({ threshold, gated }) => {
      const { calls, faulty } = gated;
      const chance = Math.min(1, tried * chanceOfHits(faulty.k, calls.k, faulty.n, calls.n));
      return { threshold, gated, chance, worth: worth(gated) };
    })
    .filter(({ chance }) => chance <= alpha)
    .sort((a, b) => b.worth - a.worth || a.gated.calls.k - b.gated.calls.k);
  if (best === undefined) return { found: false, tried };
  const { threshold, gated, chance } = best;
  return { found: true, threshold, tried, chance, gated };
}
