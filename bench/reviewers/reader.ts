/** Reviewers of known skill. Every number of the model stands here, and in docs/oversight.md. */
import type { Chance } from '../chance.ts';

/**
 * - `careful`: reads every card but one in 25, and sees nine of ten things that are wrong on a card that was read.
 * - `habituated`: begins as careful; the more near-identical cards they saw, the more seldom they read another.
 * - `habituated late`: the same, but it takes four times as many.
 * - `random`: rejects as often as a careful one does in this stream, whatever the card says; the card stands open long enough.
 * - `colluding`: careful, but lets everything of one tool through, after the time that reading it would have taken.
 */
export type Kind = 'careful' | 'habituated' | 'habituated late' | 'random' | 'colluding';
export const KINDS: readonly Kind[] = ['careful', 'habituated', 'habituated late', 'random', 'colluding'];

/** What is seen of a card: whether it is wrong, whether it is of the tool that a colluding reader lets through, and what there is to read. */
export type Sight = { wrong: boolean; favoured: boolean; novel: number; times: number };
export type Judged = { attentionMs: number; approve: boolean };

/** `wordsAMinute`: the reader's own pace. `rejects`: how often a careful one rejects in this stream. */
export type Reader = { kind: Kind; wordsAMinute: number; rejects: number };

const LAPSE = 0.04;
const READ = { catches: 0.92, rejectsGood: 0.01 };
const GLANCED = { catches: 0.1, rejectsGood: 0.002 };
/** Near-identical cards after which half of the further ones are read, and the share that is read in the end. */
const HABIT = { half: 50, lateHalf: 200, floor: 0.1 };

/** How often a careful reader rejects where this share is wrong. */
export function carefulRejections(wrong: number): number {
  const of = ({ catches, rejectsGood }: typeof READ): number => wrong * catches + (1 - wrong) * rejectsGood;
  return (1 - LAPSE) * of(READ) + LAPSE * of(GLANCED);
}

/** A reader of a kind, at a pace drawn from the range at which people read. */
export const readerOf = (kind: Kind, rejects: number, draw: Chance): Reader => ({
  kind,
  rejects,
  wordsAMinute: 175 + draw() * (300 - 175),
});

/** One verdict. */
export function judge({ kind, wordsAMinute, rejects }: Reader, sight: Sight, draw: Chance): Judged {
  const reading = (): number =>
    (sight.novel / wordsAMinute) * 60_000 * logNormal(0.25, draw) + 2000 * logNormal(0.5, draw);
  const verdict = ({ catches, rejectsGood }: typeof READ): boolean =>
    draw() >= (sight.wrong ? catches : rejectsGood);
  const attentive = (): Judged => ({ attentionMs: reading(), approve: verdict(READ) });
  const glancing = (): Judged => ({ attentionMs: 1800 * logNormal(0.5, draw), approve: verdict(GLANCED) });
  switch (kind) {
    case 'careful':
      return draw() < LAPSE ? glancing() : attentive();
    case 'habituated':
    case 'habituated late': {
      const half = kind === 'habituated' ? HABIT.half : HABIT.lateHalf;
      const reads = HABIT.floor + (1 - LAPSE - HABIT.floor) / (1 + (sight.times / half) ** 3);
      return draw() < reads ? attentive() : glancing();
    }
    case 'random':
      return { attentionMs: 15_000 * logNormal(0.6, draw), approve: draw() >= rejects };
    case 'colluding':
      if (sight.favoured) return { attentionMs: reading(), approve: true };
      return draw() < LAPSE ? glancing() : attentive();
  }
}

/** A factor around 1, its logarithm normal with this deviation (Box and Muller). */
function logNormal(deviation: number, draw: Chance): number {
  return Math.exp(deviation * Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()));
}
