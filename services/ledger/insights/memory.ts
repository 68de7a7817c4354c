/**
 * What counting has to remember from one entry to the next: requests that wait, what a reader saw last, sessions. Kept
 * in a table beside the sums and written in the same transaction, so that counting goes on after a crash as if there
 * had been none. It holds no words and no names: pseudonyms, numbers, and digests.
 */
import type { Session as Sitting, Streak } from '@countersign/shared/figures';
import type { Cell } from './cell.ts';
import type { Measures } from './measures.ts';
import type { Portion } from './portions.ts';

/** A verdict that counts once its request has ended. */
export type Given = {
  by: string;
  at: number;
  verdict: 'approve' | 'edit' | 'reject';
  batch?: string;
  /** What it took, ms: as claimed, or else since they opened it. */
  took?: number;
  /** Claimed attention, the words that were new to them, and whether it came late in their session. */
  read?: { ms: number; novel: number; late: boolean };
};

/** A request that waits. `card` is the entry that its text lies beside. */
export type Waiting = Omit<Cell, 'tier'> & {
  id: string;
  made: number;
  /** Policy has asked for a human. */
  asked: boolean;
  card?: { seq: number; look: string };
  /** As what it was counted when it came. */
  arrived?: { tier: string; known: boolean; repeat: boolean };
  opened: Record<string, number>;
  given: Given[];
  /** Who answered it, where it turned out to be a canary. */
  answered_by?: string;
};

/** A card that somebody gave a verdict on: which, and what it looked like. */
export type SeenCard = { look: string; seq: number; request: string };

/** One reader: what they saw, the latest last; how they sit; how many approvals in a row; the batch they decided last. */
export type Reader = { seen: SeenCard[]; sitting?: Sitting; streak: Streak; batch?: string };

/** The CUSUM of one stream of canaries. */
export type DriftState = { sum: number; n: number; alarms: number; last_alarm: number | null };

/** What of it is kept under which kind, by key. */
export type Kinds = {
  waiting: Waiting;
  reader: Reader;
  /** By team, and of all teams. */
  drift: DriftState;
  /** By cell: see `cellKey`. */
  cell_drift: DriftState;
  /** Over all time, by tool, tier and team: see `totals.ts`; and which tools have totals of their own. */
  total: Measures;
  tool: true;
  /** By team. */
  portion: Portion;
  /** `<batch> <verdict>` → when it was first counted. */
  batch: number;
  /** The 1,024 cards that were asked last: seq → what it looked like, and whose it was. */
  card: { look: string; request: string };
  /** Keys the digests of cards. */
  secret: string;
};
export type KindName = keyof Kinds;
const kindNames = [
  'waiting',
  'reader',
  'drift',
  'cell_drift',
  'total',
  'tool',
  'portion',
  'batch',
  'card',
  'secret',
] as const satisfies KindName[];

/** One row of the table: JSON under a kind and a key. */
export type Kept = { kind: string; key: string; value: string };

export type Memory = {
  get<K extends KindName>(kind: K, key: string): Kinds[K] | undefined;
  set<K extends KindName>(kind: K, key: string, value: Kinds[K]): void;
  drop(kind: KindName, key: string): void;
  /** In the order in which they were first set. */
  all<K extends KindName>(kind: K): Iterable<[string, Kinds[K]]>;
  size(kind: KindName): number;
  /** What was set, and what was dropped or set, since it was asked last. */
  changes(): { set: Kept[]; gone: Pick<Kept, 'kind' | 'key'>[] };
};

/** Opens it on what was kept, in the order in which it was. */
export function openMemory(kept: Iterable<Kept> = []): Memory {
  const maps = Object.fromEntries(kindNames.map((kind) => [kind, new Map()])) as {
    [K in KindName]: Map<string, Kinds[K]>;
  };
  for (const { kind, key, value } of kept)
    (maps[kind as KindName] as Map<string, unknown> | undefined)?.set(key, JSON.parse(value));
  let changed = new Map<string, Pick<Kept, 'key'> & { kind: KindName }>();
  const note = (kind: KindName, key: string): void => {
    changed.set(`${kind} ${key}`, { kind, key });
  };
  return {
    get: (kind, key) => maps[kind].get(key),
    set(kind, key, value) {
      (maps[kind] as Map<string, unknown>).set(key, value);
      note(kind, key);
    },
    drop(kind, key) {
      if (maps[kind].delete(key)) note(kind, key);
    },
    all: (kind) => maps[kind].entries(),
    size: (kind) => maps[kind].size,
    changes() {
      const all = [...changed.values()];
      changed = new Map();
      const set = all.flatMap(({ kind, key }) => {
        const value = maps[kind].get(key);
        return value === undefined ? [] : [{ kind, key, value: JSON.stringify(value) }];
      });
      return { set, gone: all };
    },
  };
}
