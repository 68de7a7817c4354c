/** Many teams of each kind, and what the shipped figures say of them after each canary. */
import {
  asWatched,
  fourWay,
  type HowMissed,
  howMissed,
  LEAST,
  type Rate,
  type Reading,
  rateOf,
  type TooFew,
} from '@countersign/shared/figures';
import type { Kind } from './reader.ts';
import { type Moment, type Stream, teamAtWork } from './team.ts';

/** What is said of the cell at one moment. `how` only where canaries are missed. */
export type Said = { reading: Reading; how?: HowMissed };

/** Reads one moment with the shipped figures; `interval` is how each rate is taken, as it is or as watched. */
export function said(
  { approvals, tooFast, caught, caughtElsewhere, alarmed }: Moment,
  interval: (rate: Rate | TooFew) => Rate | TooFew,
): Said {
  const { reading } = fourWay(
    interval(rateOf(approvals, LEAST.approval)),
    interval(rateOf(caught, LEAST.catchTeam)),
    alarmed,
  );
  if (reading !== 'rubber_stamped') return { reading };
  const rejected = { k: approvals.n - approvals.k, n: approvals.n };
  const fast = rateOf(tooFast, LEAST.tooFast);
  return { reading, how: howMissed({ tooFast: fast, rejected, caught, caughtElsewhere }) };
}

export const once = (rate: Rate | TooFew): Rate | TooFew => rate;
export const always = asWatched;

/** What the rule of a group of teams is: its name, and who sits in it. */
export type Team = { name: string; kinds: readonly Kind[] };

export const teamOf = (kind: Kind, people: number): Team => ({
  name: kind,
  kinds: new Array<Kind>(people).fill(kind),
});

/** A team of careful readers but for one. */
export const oneOf = (kind: Kind, people: number): Team => ({
  name: `one of ${people} ${kind}`,
  kinds: [kind, ...new Array<Kind>(people - 1).fill('careful')],
});

/** For each of `teams` simulated teams: what the cell came to after each canary. Seeds are 1, 2, 3, … */
export function studied({ kinds }: Team, stream: Stream, teams: number, canaries: number): Moment[][] {
  return Array.from({ length: teams }, (_, seed) => teamAtWork(kinds, stream, canaries, seed + 1));
}

/** Of how many teams a thing was true at any look up to each canary: looked at after each one, never forgotten. */
export function everBy(teams: readonly Moment[][], isTrue: (moment: Moment) => boolean): number[] {
  const first = teams.map((moments) => moments.findIndex(isTrue));
  return (teams[0] ?? []).map((_, at) => first.filter((when) => when >= 0 && when <= at).length);
}

/** What can raise a flag, looked at after every canary. */
export const FLAGS: readonly { name: string; isUp: (moment: Moment) => boolean }[] = [
  { name: 'reading, Wilson', isUp: (moment) => said(moment, once).reading === 'rubber_stamped' },
  { name: 'reading, watched interval', isUp: (moment) => said(moment, always).reading === 'rubber_stamped' },
  { name: 'drift alarm', isUp: ({ alarmed }) => alarmed },
];
