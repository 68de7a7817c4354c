/** The study as a whole: which streams, which teams, how many. */
import { type Card, keepingOf } from './calls.ts';
import { KINDS } from './reader.ts';
import { oneOf, studied, type Team, teamOf } from './study.ts';
import type { Moment, Stream } from './team.ts';

/** How many teams of each composition, of how many people, and after how many canaries in the cell the last look is. */
export const STUDY = { teams: 200, people: 8, canaries: 100 } as const;

/** The share of wrong calls among the recorded ones, and a stream of an agent that seldom errs. */
const QUIET = 0.01;

export type Results = {
  stream: string;
  /** Share of requests that are wrong. */
  wrong: number;
  teams: { team: Team; moments: Moment[][] }[];
}[];

/** The streams: the calls as they were recorded, and with so few wrong ones that a good agent's tool would have them. */
export function streamsOf(conversations: readonly Card[][]): (Stream & { stream: string })[] {
  const cards = conversations.flat();
  const recorded = cards.filter((card) => card.wrong).length / cards.length;
  return [
    { stream: 'as recorded', conversations, wrong: recorded, keeping: 1 },
    { stream: 'quiet', conversations, wrong: QUIET, keeping: keepingOf(conversations, QUIET) },
  ];
}

/** Runs it; `tell` hears what is done. */
export function studyOf(conversations: readonly Card[][], tell: (done: string) => void): Results {
  const { teams, people, canaries } = STUDY;
  const compositions = [
    ...KINDS.map((kind) => teamOf(kind, people)),
    oneOf('habituated', people),
    oneOf('colluding', people),
  ];
  return streamsOf(conversations).map((stream) => ({
    stream: stream.stream,
    wrong: stream.wrong,
    teams: compositions.map((team) => {
      const moments = studied(team, stream, teams, canaries);
      tell(`${stream.stream}: ${team.name}`);
      return { team, moments };
    }),
  }));
}
