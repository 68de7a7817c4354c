/** How much must be known before a figure is said. Below it there is no number, only how many there are and how many it takes. */

/** A figure that is not said yet: `n` are there, `needed` it takes. Never comes with a number that someone could quote. */
export type TooFew = { enough: false; n: number; needed: number };

/** The least n of each figure, by the table of the oversight design (docs/oversight.md); `load` is in hours that were watched. */
export const LEAST = {
  /** Decisions before an approval rate is shown. */
  approval: 30,
  /** Decisions before anything is suggested because of an approval rate. */
  suggestion: 100,
  /** Approvals with a claim of attention before the share that came too fast is shown. */
  tooFast: 30,
  /** Canaries before a team's catch rate is shown. */
  catchTeam: 20,
  /** Canaries before a person is shown their own. */
  catchPerson: 100,
  /** Requests before the share of repeats is shown. */
  repeats: 100,
  /** What has ended in a day before it is compared with the days before. */
  spike: 30,
  /** Hours of a whole week. */
  load: 168,
} as const;

/** That `n` are too few where it takes `needed`; undefined when they are enough. */
export function tooFew(n: number, needed: number): TooFew | undefined {
  return n < needed ? { enough: false, n, needed } : undefined;
}
