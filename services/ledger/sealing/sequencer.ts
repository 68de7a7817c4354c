/**
 * Seals the feed of one workspace: reads it in order, as the one member of its group, and has each event in the log
 * exactly once. The log comes first and the acknowledgement after, so that a crash in between is found out by looking
 * at the log's end.
 */
import { decodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Disk } from '../disk/disk.ts';
import { readBeside } from './beside.ts';
import { bytesOf, type Entry, entryIn, entryOf } from './entry.ts';
import { eraseAsSealed } from './erasing.ts';
import type { Log, Sealed } from './log.ts';
import { mark } from './mark.ts';
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

/** The consumer group, and the one consumer that it has. */
export const group = 'ledger';
const consumer = 'sequencer';
/** So many events are sealed without waiting for more; and as many at once, where more have piled up. */
const enough = 256;
const most = 4_096;

/** How far the feed is sealed, where a Redis that lost something can not change it: intake compares. */
const sealedPath = 'sealed.json';

type Read = [id: string, fields: string[] | null][];
/** Read and made ready: entries, their bytes, and where in the feed they stood. */
type Waiting = { entries: Entry[]; bytes: Uint8Array[]; ids: string[] };

/** Entries of a log, the newest first. */
async function* entriesOf(log: Log): AsyncIterable<Entry> {
  for await (const { bytes } of log.backwards()) yield entryIn(bytes);
}

/**
 * Seals until it is told to stop, then seals what it has read. Rejects with whatever goes wrong, and leaves the log
 * such that starting anew goes on without gap, repeat or fork.
 */
export async function sealFeed(options: SequencerOptions): Promise<void> {
  const { redis, disk, workspace, sealAfterMs, renewAfterMs, readForMs = 1_000, onSealed, signal } = options;
  const { feed } = workspaceKeys(workspace);
  await redis.xgroup('CREATE', feed, group, '0', 'MKSTREAM').catch((error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
  });
  const { log, names, beside, acknowledged } = await openWorkspaceLog(redis, disk, workspace);
  const { after, lost } = await resumeFrom(redis, workspace, acknowledged, entriesOf(log));
  // The first thing is a checkpoint: one that was signed and brought nowhere may be the last there was.
  let checkpointAt = Number.NEGATIVE_INFINITY;
  let noted: Promise<unknown> = Promise.resolve();
  /** The last event that is sealed. */
  let tail = after;

  async function seal({ entries, bytes, ids }: Waiting): Promise<void> {
    tail = ids.at(-1) ?? tail;
    const marks = { entries, ids, after: tail };
    const [texts] = await Promise.all([readBeside(redis, workspace, entries), names.save()]);
    await beside.add(texts);
    const sealed = await log.append(bytes, Date.now());
    checkpointAt = performance.now();
    await eraseAsSealed(entries, { names, beside });
    // Noted while the next are sealed: should it never be, the log's end tells.
    await noted;
    noted = Promise.all([
      mark(redis, workspace, sealed, marks),
      disk.write([{ path: sealedPath, bytes: `${JSON.stringify({ feed_id: tail })}\n` }]),
    ]);
    noted.catch(() => undefined);
    onSealed(sealed);
  }

  /** Those that a crash kept from being acknowledged are found in the log, and noted again. */
  async function settle(ids: readonly string[]): Promise<void> {
    const wanted = new Set(ids);
    const entries: Entry[] = [];
    const sealed = log.sealed();
    if (wanted.size === 0 || sealed === undefined) return;
    for await (const entry of entriesOf(log)) {
      if (entry.feed_id !== null && wanted.delete(entry.feed_id)) entries.push(entry);
      if (wanted.size === 0) break;
    }
    await eraseAsSealed(entries, { names, beside });
    await mark(redis, workspace, sealed, { entries, ids, after: tail });
  }

  /** The index of the next entry. */
  let next = log.sealed()?.size ?? 0;
  let waiting: Waiting = { entries: [], bytes: [], ids: [] };
  let since = 0;

  function add(entry: Entry): void {
    if (waiting.entries.length === 0) since = performance.now();
    next += 1;
    waiting.entries.push(entry);
    waiting.bytes.push(bytesOf(entry));
    if (entry.feed_id !== null) waiting.ids.push(entry.feed_id);
  }

  const missing = (feed_id: string | null, data: Record<string, unknown>): Entry => ({
    type: 'discontinuity.found',
    at: Date.now(),
    actor: { id: 'ledger', kind: 'system' },
    data,
    seq: next,
    feed_id,
  });
  if (lost !== undefined) add(missing(null, { ...lost, after }));

  /** First what was read before and not acknowledged, from its beginning; then what is new. */
  let from: string = '0';

  /** @param waitMs how long to wait where there is nothing; 0 not at all */
  async function read(waitMs: number): Promise<void> {
    // biome-ignore format: read them as the commands they are
    const reply = (await (waitMs > 0
      ? redis.xreadgroup('GROUP', group, consumer, 'COUNT', most, 'BLOCK', Math.ceil(waitMs), 'STREAMS', feed, from)
      : redis.xreadgroup('GROUP', group, consumer, 'COUNT', most, 'STREAMS', feed, from)
    )) as [string, Read][] | null;
    const entries = reply?.[0]?.[1] ?? [];
    if (from !== '>') from = entries.at(-1)?.[0] ?? '>';
    if (entries.length === 0) return;
    const fresh = entries.findIndex(([id]) => isAfter(id, after));
    await settle(entries.slice(0, fresh < 0 ? undefined : fresh).map(([id]) => id));
    if (fresh < 0) return;
    for (const [id, fields] of entries.slice(fresh)) {
      // Somebody deleted it before it was sealed.
      if (fields === null) add(missing(id, { from: id, to: id, count: 1 }));
      else add(entryOf(decodeEvent(id, fields), next, names.pseudonymOf));
    }
  }

  async function sealWaiting(): Promise<void> {
    const those = waiting;
    waiting = { entries: [], bytes: [], ids: [] };
    await seal(those);
  }

  const isDue = (): boolean => {
    const count = waiting.entries.length;
    if (count > 0) return count >= enough || performance.now() - since >= sealAfterMs;
    return log.sealed() !== undefined && performance.now() - checkpointAt >= renewAfterMs;
  };
  while (!signal.aborted) {
    const left = waiting.entries.length === 0 ? readForMs : since + sealAfterMs - performance.now();
    await read(Math.max(1, Math.min(readForMs, left)));
    // What comes meanwhile is read and made ready while the disk is at work.
    while (isDue()) await Promise.all([sealWaiting(), read(0)]);
  }
  if (waiting.entries.length > 0) await sealWaiting();
  await noted;
}
