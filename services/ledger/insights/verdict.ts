/** A verdict as it is counted: what it took, what of the card was new, and how its reader sits. Pure, but for the card. */
import {
  isLate,
  isTooFast,
  leastReadingMs,
  NO_STREAK,
  novelWords,
  sessionAt,
  stepStreak,
} from '@countersign/shared/figures';
import type { Entry } from '../sealing/entry.ts';
import type { Cards } from './cards.ts';
import { count, type Measures, spread } from './measures.ts';
import type { Given, Memory, Reader, Waiting } from './memory.ts';

/** Cards of which one reader's last look is remembered. */
const seenAtOnce = 64;
/** Between opening and deciding without a claim, no more than this is taken for work, ms. */
const mostTook = 30 * 60_000;

const newReader: Reader = { seen: [], streak: NO_STREAK };

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 ? value : undefined;

const claimIn = (data: Entry['data']): number | undefined =>
  numberIn((data?.attention as { visible_ms?: unknown } | undefined)?.visible_ms);

function kindOf(data: Entry['data']): Given['verdict'] {
  if (data?.verdict === 'reject') return 'reject';
  return data?.edited === true ? 'edit' : 'approve';
}

/** The verdict that an entry tells of; its reader's memory goes on with it. */
export async function given(entry: Entry, waiting: Waiting, memory: Memory, cards: Cards): Promise<Given> {
  const { actor, at, data } = entry;
  const by = actor.id;
  const verdict = kindOf(data);
  const claimed = claimIn(data);
  const opened = waiting.opened[by];
  const reader = memory.get('reader', by) ?? newReader;
  const { card } = waiting;
  const shown = card && (await cards.at(card.seq, waiting.tool));
  const before = card && reader.seen.findLast(({ look }) => look === card.look);
  const looked = before && (await cards.at(before.seq, waiting.tool));
  const batch = typeof data?.batch === 'string' ? data.batch : undefined;
  // A batch is one decision, so it lengthens a run by one.
  const again = batch !== undefined && reader.batch === batch;
  // What was claimed of a batch is of all its rows, and is what that one decision took.
  const took = again
    ? undefined
    : (claimed ?? (opened === undefined ? undefined : Math.min(mostTook, at - opened)));
  const sitting = sessionAt(reader.sitting, at);
  memory.set('reader', by, {
    seen:
      card === undefined
        ? reader.seen
        : [...reader.seen.filter(({ look }) => look !== card.look), { ...card, request: waiting.id }].slice(
            -seenAtOnce,
          ),
    sitting,
    streak: again && verdict === 'approve' ? reader.streak : stepStreak(reader.streak, verdict === 'approve'),
    ...(batch === undefined ? {} : { batch }),
  });
  return {
    by,
    at,
    verdict,
    ...(batch === undefined ? {} : { batch }),
    ...(took === undefined ? {} : { took }),
    // There is no saying how long one row of a batch was read.
    ...(claimed === undefined || shown === undefined || batch !== undefined
      ? {}
      : { read: { ms: claimed, novel: novelWords(shown.words, looked?.words), late: isLate(sitting, at) } }),
  };
}

/** Adds a verdict, once its request has ended. */
export function countGiven({ verdict, took, read }: Given, sums: Measures): void {
  count(sums, `gave_${verdict}`);
  if (took !== undefined) {
    count(sums, 'timed');
    count(sums, 'timed_ms', took);
    spread(sums, 'time', took);
  }
  if (read === undefined || verdict !== 'approve') return;
  const when = read.late ? 'late' : 'early';
  count(sums, `read_${when}`);
  if (isTooFast(read.ms, read.novel)) count(sums, `fast_${when}`);
  // With nothing new to read there is no time to compare with.
  if (read.novel > 0) spread(sums, 'pace', read.ms / leastReadingMs(read.novel));
}
