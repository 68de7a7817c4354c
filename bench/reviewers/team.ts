/** A team at work: cards, canaries among them, verdicts, and the counts that the product would keep. */
import { CATCH_DRIFT, type Count, isTooFast, stepCusum } from '@countersign/shared/figures';
import { type Chance, chance } from '../chance.ts';
import { type Card, type Memory, noticed, resampled } from './calls.ts';
import { carefulRejections, judge, type Kind, type Reader, readerOf } from './reader.ts';

/** The cell that is read: all cards of this tool. It is the one that a colluding reader lets through. */
const CELL = 'update_reservation_flights';

/** At most 2% of what is asked, and at most two a person a day, who decides 40 a day. */
const CANARIES = 0.02;
const A_DAY = { cards: 40, canaries: 2 };

/** What stands in the cell after one canary more: counts as the product keeps them, and whether the chart has ever raised its alarm. */
export type Moment = {
  approvals: Count;
  tooFast: Count;
  caught: Count;
  caughtElsewhere: Count;
  alarmed: boolean;
};

/** A stream of cards: the recorded conversations, how often a wrong card is kept, and the share that is wrong then. */
export type Stream = { conversations: readonly Card[][]; keeping: number; wrong: number };

const add = (count: Count, happened: boolean): void => {
  count.n += 1;
  if (happened) count.k += 1;
};

/** What the cell came to after each of `canaries` canaries in it, for a team of these kinds. The same seed, the same team. */
export function teamAtWork(kinds: readonly Kind[], stream: Stream, canaries: number, seed: number): Moment[] {
  const draw = chance(seed);
  const rejects = carefulRejections(stream.wrong);
  const team = kinds.map((kind) => ({
    reader: readerOf(kind, rejects, draw),
    memory: new Map() as Memory,
    decided: 0,
    canariesToday: 0,
  }));
  const cards = resampled(stream.conversations, stream.keeping, draw);
  const [approvals, tooFast, caught, caughtElsewhere] = [none(), none(), none(), none()];
  const moments: Moment[] = [];
  let [sum, alarmed] = [0, false];
  while (moments.length < canaries) {
    const member = team[Math.floor(draw() * team.length)];
    if (member === undefined) throw new Error('a team of nobody');
    if (member.decided % A_DAY.cards === 0) member.canariesToday = 0;
    member.decided += 1;
    const drawn = cards.next().value;
    // A canary is a right call with one thing wrong put into it, so only those can become one.
    const planted = !drawn.wrong && member.canariesToday < A_DAY.canaries && draw() < CANARIES;
    if (planted) member.canariesToday += 1;
    const { judged, novel } = see(member, drawn, planted || drawn.wrong, draw);
    const here = drawn.tool === CELL;
    if (planted) {
      add(here ? caught : caughtElsewhere, !judged.approve);
      if (!here) continue;
      const step = stepCusum(sum, judged.approve, CATCH_DRIFT);
      sum = step.sum;
      alarmed ||= step.alarm;
      moments.push({
        approvals: { ...approvals },
        tooFast: { ...tooFast },
        caught: { ...caught },
        caughtElsewhere: { ...caughtElsewhere },
        alarmed,
      });
    } else if (here) {
      add(approvals, judged.approve);
      if (judged.approve) add(tooFast, isTooFast(judged.attentionMs, novel));
    }
  }
  return moments;
}

const none = (): Count => ({ k: 0, n: 0 });

function see(
  { reader, memory }: { reader: Reader; memory: Memory },
  card: Card,
  wrong: boolean,
  draw: Chance,
) {
  const { novel, times } = noticed(memory, card);
  return { novel, judged: judge(reader, { wrong, favoured: card.tool === CELL, novel, times }, draw) };
}
