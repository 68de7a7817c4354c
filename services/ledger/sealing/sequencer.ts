/**
 * Seals the feed of one workspace: reads it in order and has each event in the log exactly once. Where it goes on is
 * read from the log's own end, so a crash between sealing and telling Redis loses and repeats nothing.
 */
import type { FeedEvent } from '@countersign/shared/feed';
import type { Redis } from 'ioredis';
import type { Disk } from '../disk/disk.ts';
import { readBeside } from './beside.ts';
import { bytesOf, type Entry, entryIn, entryOf } from './entry.ts';
import { eraseAsSealed } from './erasing.ts';
import { awaitEvents, defineReadScript, type Place, readEvents, register } from './feed.ts';
import { type Leaf, type Log, leafOf, type Sealed } from './log.ts';
import { defineMarkScript, loadMarkScript, mark } from './mark.ts';
import { isAfter, resumeFrom } from './resume.ts';
import { openWorkspaceLog } from './workspace-log.ts';

export type SequencerOptions = {
  /** A connection of its own: reading blocks. */
  redis: Redis;
  disk: Disk;
  workspace: string;
  /** An event is sealed so long after it was read at the latest, ms. */
  sealAfterMs: number;
  /** So long after the last checkpoint there is a new one, though nothing has happened, ms: proof that nothing was cut off. */
  renewAfterMs: number;
  /** How long one read waits for news, ms: so long stopping may take. */
  readForMs?: number;
  /** Told of each checkpoint, after it is certain. */
  onSealed: (sealed: Sealed) => void;
  signal: AbortSignal;
};

/** So many events are sealed without waiting for more; and as many at once, where more have piled up. */
const enough = 256;
const most = 4_096;
/** So many are read at once: Redis packs them in a millisecond, and what is ready of the disk is looked after in between. */
const atOnce = 256;

/** How far the feed is sealed, where a Redis that lost something can not change it: intake compares. */
const sealedPath = 'sealed.json';

/** Read and made ready. */
type Waiting = { entries: Entry[]; leaves: Leaf[] };

/** Teaches a connection what sealing asks of Redis. Once per connection. */
export function defineSealingScripts(redis: Redis): void {
  defineReadScript(redis);
  defineMarkScript(redis);
}

/** Where in the feed they stood; a discontinuity is nowhere. */
const placesOf = (entries: readonly Entry[]): string[] => entries.flatMap(({ feed_id }) => feed_id ?? []);

/** Entries of a log, the newest first. */
async function* entriesOf(log: Log): AsyncIterable<Entry> {
  for await (const { bytes } of log.backwards()) yield entryIn(bytes);
}

/** Resolves once all are done; where one fails, the others are waited for: none goes on behind whoever starts anew. */
async function allDone(deeds: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(deeds);
  await Promise.all(deeds);
}

/**
 * Seals until it is told to stop, then seals what it has read. Rejects with whatever goes wrong, and leaves the log
 * such that starting anew goes on without gap, repeat or fork.
 */
export async function sealFeed(options: SequencerOptions): Promise<void> {
  const { redis, disk, workspace, sealAfterMs, renewAfterMs, readForMs = 1_000, onSealed, signal } = options;
  await loadMarkScript(redis);
  const registered = await register(redis, workspace);
  let { passed } = registered;
  /** What Redis was told last: that is its mark for whatever is sent after it. */
  let marked = registered.after;
  const { log, names, beside, acknowledged } = await openWorkspaceLog(redis, disk, workspace);
  const { after, lost } = await resumeFrom(redis, workspace, acknowledged, entriesOf(log));
  // The first thing is a checkpoint: one that was signed and brought nowhere may be the last there was.
  let checkpointAt = Number.NEGATIVE_INFINITY;
  let told: Promise<unknown> = Promise.resolve();
  /** The last event that is sealed. */
  let tail = after;

  /** Tells Redis; `entries` are those that it has not been told of. */
  async function tell(sealed: Sealed, entries: readonly Entry[]): Promise<void> {
    marked = tail;
    await allDone([
      mark(redis, workspace, sealed, { entries, after: tail, passed }),
      disk.write([{ path: sealedPath, bytes: `${JSON.stringify({ feed_id: tail })}\n` }]),
    ]);
  }

  async function seal({ entries, leaves }: Waiting): Promise<void> {
    const places = placesOf(entries);
    tail = places.at(-1) ?? tail;
    passed += places.length;
    const texts = readBeside(redis, workspace, entries);
    await allDone([texts, names.save()]);
    await beside.add(await texts);
    const sealed = await log.append(leaves, Date.now());
    checkpointAt = performance.now();
    await eraseAsSealed(entries, { names, beside });
    // Told while the next are sealed: should it never be, the log's end tells.
    await told;
    told = tell(sealed, entries);
    told.catch(() => undefined);
    onSealed(sealed);
  }

  /** What a crash kept from being told, and what was asked for in it, is made up for. */
  async function makeUp(): Promise<void> {
    const sealed = log.sealed();
    const entries: Entry[] = [];
    for await (const entry of entriesOf(log)) {
      // Redis may have lost more: then nothing looks for it there.
      if (entry.seq < acknowledged || entries.length === 2 * (most + atOnce)) break;
      entries.push(entry);
    }
    if (sealed === undefined || entries.length === 0) return;
    passed += placesOf(entries).filter((place) => !isAfter(place, after)).length;
    await eraseAsSealed(entries.toReversed(), { names, beside });
    await tell(sealed, entries);
  }

  /** The index of the next entry. */
  let next = log.sealed()?.size ?? 0;
  let waiting: Waiting = { entries: [], leaves: [] };
  let since = 0;

  function add(entry: Entry): void {
    if (waiting.entries.length === 0) since = performance.now();
    next += 1;
    waiting.entries.push(entry);
    waiting.leaves.push(leafOf(bytesOf(entry)));
  }

  /** What is sealed, and no longer in the feed that is read on. */
  function addLost({ from, to, count }: NonNullable<typeof lost>): void {
    add({
      type: 'discontinuity.found',
      at: Date.now(),
      actor: { id: 'ledger', kind: 'system' },
      data: { from, to, count, after },
      seq: next,
      feed_id: null,
    });
  }

  /** The last event that was read. */
  let read = after;

  /** @param waitMs how long to wait where there is nothing; not at all where it is left out */
  async function readOn(waitMs?: number): Promise<void> {
    const place = (): Place => ({ after: read, marked });
    const more = (): Promise<FeedEvent[]> => readEvents(redis, workspace, place(), atOnce);
    let reading: Promise<FeedEvent[]> | undefined =
      waitMs === undefined ? more() : awaitEvents(redis, workspace, place(), atOnce, waitMs);
    while (reading !== undefined) {
      const events: FeedEvent[] = await reading;
      read = events.at(-1)?.id ?? read;
      const isAll = events.length < atOnce || waiting.entries.length + events.length >= most;
      // Redis looks for the next while these are made ready.
      reading = isAll ? undefined : more();
      reading?.catch(() => undefined);
      for (const event of events) add(entryOf(event, next, (person) => names.pseudonymOf(person, event.at)));
    }
  }

  async function sealWaiting(): Promise<void> {
    const those = waiting;
    waiting = { entries: [], leaves: [] };
    await seal(those);
  }

  const isDue = (): boolean => {
    const count = waiting.entries.length;
    if (count > 0) return count >= enough || performance.now() - since >= sealAfterMs;
    return log.sealed() !== undefined && performance.now() - checkpointAt >= renewAfterMs;
  };
  try {
    await makeUp();
    if (lost !== undefined) addLost(lost);
    while (!signal.aborted) {
      const left = waiting.entries.length === 0 ? readForMs : since + sealAfterMs - performance.now();
      await readOn(Math.max(1, Math.min(readForMs, left)));
      // What comes meanwhile is read and made ready while the disk is at work.
      while (isDue()) await allDone([sealWaiting(), readOn()]);
    }
    if (waiting.entries.length > 0) await sealWaiting();
    await told;
  } finally {
    await told.catch(() => undefined);
  }
}
