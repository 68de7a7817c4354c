/**
 * Whether to interrupt the reviewer, and with what. Pure: what waits, what they have heard of, what they wish, the
 * time. The browser is `notices.ts`'s.
 */
import type { Preferences } from '@countersign/shared/contracts';
import { digestDue, interrupts, isQuiet } from '@countersign/shared/preferences';
import type { Heard, Later, Row, Snapshot } from '../keep/items.ts';

/** What to tell. `opens`: the first of these asks for the card to open itself. */
export type Telling =
  | { kind: 'one'; row: Row; opens: boolean }
  | { kind: 'many'; rows: Row[]; opens: boolean }
  | { kind: 'digest'; rows: Row[]; total: number };

export type Situation = {
  before: Snapshot | null;
  after: Snapshot;
  preferences: Preferences;
  heard: Heard;
  /** Requests put off, and until when. */
  later: Later;
  /** ms. */
  now: number;
  /** A surface is before the reviewer's eyes: they see what waits, and nothing more need be said. */
  watched: boolean;
};

/** What comes within so many milliseconds of the last notification joins it in one. */
const burst = 30_000;

const rank = { low: 0, medium: 1, high: 2, critical: 3 } as const;

export type Interruption = { telling: Telling | null; heard: Heard; later: Later };

/** What to tell now, null for nothing; what the reviewer has heard of after that, and what is still put off. */
export function interruptionFor(situation: Situation): Interruption {
  const { before, after, preferences, heard, later, now, watched } = situation;
  const { rows } = after;
  const waiting = new Set(rows.map(({ id }) => id));
  // A queue longer than one page may still hold the others further down.
  const known = after.next_cursor === undefined ? heard.ids.filter((id) => waiting.has(id)) : heard.ids;
  const next: Heard = {
    ...heard,
    ids: known,
    newest: Math.max(heard.newest, ...rows.map(({ created_at }) => Date.parse(created_at))),
  };
  if (watched || isAbsent(preferences, now)) {
    const ids = watched ? [...new Set([...known, ...waiting])] : known;
    return { telling: null, heard: { ...next, ids, looked_at: now }, later };
  }

  const moved = movedUp(before, after, heard);
  const told = new Set([...known, ...moved]);
  const quiet = isQuiet(preferences, now);
  const fresh = rows.filter((row) => {
    const putOff = later[row.id];
    return (
      interrupts(preferences, row, 'push') &&
      (!quiet || row.tier === 'critical') &&
      (putOff === undefined ? !told.has(row.id) : putOff <= now)
    );
  });
  if (fresh.length > 0) {
    const joins = now - heard.told_at < burst;
    const earlier = joins
      ? rows.filter(({ id }) => heard.burst.includes(id) && !fresh.some((row) => row.id === id))
      : [];
    const all = [...earlier, ...fresh];
    const ids = fresh.map(({ id }) => id);
    // A card that opened itself a moment ago is not followed by another.
    const opens = !(joins && heard.opened) && fresh.some((row) => opensItself(preferences, row));
    const [only] = all;
    return {
      telling:
        all.length === 1 && only
          ? { kind: 'one', row: only, opens }
          : { kind: 'many', rows: gravestFirst(all), opens },
      heard: {
        ...next,
        ids: [...told, ...ids],
        told_at: now,
        opened: opens || (joins && heard.opened),
        burst: all.map(({ id }) => id),
      },
      later: Object.fromEntries(Object.entries(later).filter(([id]) => !ids.includes(id))),
    };
  }
  // What the digest would fall into is told when it is over.
  if (quiet) return { telling: null, heard: { ...next, ids: [...told] }, later };
  const gathered = rows.filter((row) => !interrupts(preferences, row, 'push'));
  const due = digestDue(preferences, heard.looked_at, now) && gathered.length > 0;
  return {
    telling: due
      ? { kind: 'digest', rows: gathered, total: after.total - (rows.length - gathered.length) }
      : null,
    heard: { ...next, ids: [...told], looked_at: now },
    later,
  };
}

/** Rows that are new to the page and not new: another went, and they moved up. Nobody is told that the queue got shorter. */
function movedUp(before: Snapshot | null, after: Snapshot, { newest }: Heard): string[] {
  if (before === null || after.total > before.total) return [];
  const known = new Set(before.rows.map(({ id }) => id));
  return after.rows
    .filter((row) => !known.has(row.id) && Date.parse(row.created_at) <= newest)
    .map(({ id }) => id);
}

function opensItself({ opens_from }: Preferences, { tier }: Row): boolean {
  return opens_from !== null && rank[tier] >= rank[opens_from];
}

function gravestFirst(rows: Row[]): Row[] {
  return rows.toSorted((one, other) => rank[other.tier] - rank[one.tier]);
}

function isAbsent({ absence }: Preferences, now: number): boolean {
  return absence !== undefined && Date.parse(absence.from) <= now && now < Date.parse(absence.until);
}
