/**
 * A drill on record: which cards, in which order, and how they were answered. It holds no word of any card: those are
 * made again from what they are made of whenever they are shown, so that what is erased there is gone here. Pure.
 */
import type { DrillResult, MutationKind, Verdict } from '@countersign/shared/contracts';
import type { Difficulty } from '@countersign/shared/request';

/** What was wrong with an answered card. */
export type Fault = { kind: MutationKind; difficulty: Difficulty };

export type DrillItem = {
  /** What it is made of (`Matter.of`). */
  of: string;
  /** Begins the draws that choose what is wrong with it. */
  seed: number;
  wrong: boolean;
  answer?: { verdict: Verdict; args_digest: string; fault?: Fault };
  /** What it was made of is gone: it was passed over. */
  gone?: true;
};

export type DrillRecord = {
  id: string;
  started_at: number;
  /** When it was last gone on with. */
  touched_at: number;
  items: DrillItem[];
  ended?: { at: number; why: DrillResult['why'] };
};

/** One that nobody has gone on with for so long is over, ms. */
const lapses = 7 * 86_400_000;

/** Whether it can be gone on with. */
export function isUnderWay(drill: DrillRecord | undefined, now: number): drill is DrillRecord {
  return drill !== undefined && drill.ended === undefined && now < drill.touched_at + lapses;
}

export const answered = ({ items }: DrillRecord): DrillItem[] =>
  items.filter(({ answer }) => answer !== undefined);

/** The cards that could be made. */
export const cardsOf = ({ items }: DrillRecord): DrillItem[] =>
  items.filter(({ gone }) => gone === undefined);

/** The drill with one item changed. */
export function withItem(drill: DrillRecord, at: number, more: Partial<DrillItem>): DrillRecord {
  return { ...drill, items: drill.items.map((item, index) => (index === at ? { ...item, ...more } : item)) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** How it went, in counts. Of one that has not ended, as if it ended at `now`. */
export function resultOf(drill: DrillRecord, now: number): DrillResult {
  const { id, started_at, ended = { at: now, why: 'stopped' as const } } = drill;
  const done = answered(drill);
  const wrong = done.filter((item) => item.wrong);
  const right = done.filter((item) => !item.wrong);
  const found = (some: DrillItem[]) => some.filter(({ answer }) => answer?.verdict === 'reject').length;
  const by = <T extends string>(of: (fault: Fault) => T): [T, DrillItem[]][] => {
    const parts = new Map<T, DrillItem[]>();
    for (const item of wrong) {
      const fault = item.answer?.fault;
      if (fault !== undefined) parts.set(of(fault), [...(parts.get(of(fault)) ?? []), item]);
    }
    return [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  };
  return {
    id,
    started_at: iso(started_at),
    ended_at: iso(ended.at),
    why: ended.why,
    cards: cardsOf(drill).length,
    answered: done.length,
    wrong: {
      n: wrong.length,
      found: found(wrong),
      kinds: by(({ kind }) => kind).map(([kind, some]) => ({ kind, n: some.length, found: found(some) })),
      depths: by(({ difficulty }) => difficulty).map(([difficulty, some]) => ({
        difficulty,
        n: some.length,
        found: found(some),
      })),
    },
    right: { n: right.length, approved: right.length - found(right) },
  };
}
