/** A batch as it was shown to a reviewer: exactly which rows, and which of them have to be opened. */
import { hash, randomInt } from 'node:crypto';
import type { Seen } from '@countersign/shared/contracts';
import { fewestRows } from '../batch/group.ts';
import type { Caller, Service } from './service.ts';

/** As it is stored. */
export type PinnedBatch = {
  reviewer: string;
  rows: ({ id: string } & Seen)[];
  /** Ids, drawn by chance: neither an agent nor a client can tell beforehand. */
  must_open: string[];
};

/** Seconds that a batch is kept after it was last read. */
const keptFor = 3600;

/** From this many rows on, two of them are opened instead of one. */
const rowsForTwo = 2 * fewestRows;

/**
 * Keeps what is shown. The same rows shown again to the same reviewer are the same batch, with the same rows to open:
 * to read it again draws nothing new.
 */
export async function pinBatch(
  { redis }: Service,
  { key, current }: Caller,
  rows: PinnedBatch['rows'],
): Promise<{ id: string; batch: PinnedBatch }> {
  const reviewer = key.owner;
  const id = `bat_${hash('sha256', JSON.stringify([reviewer, rows]), 'hex').slice(0, 32)}`;
  const at = current.snapshot.keys.batch(id);
  const drawn = { reviewer, rows, must_open: draw(rows, rows.length < rowsForTwo ? 1 : 2) };
  await redis.set(at, JSON.stringify(drawn), 'EX', keptFor, 'NX');
  const text = await redis.getex(at, 'EX', keptFor);
  return { id, batch: text === null ? drawn : (JSON.parse(text) as PinnedBatch) };
}

/** The batch of that id, if it was shown to this reviewer within the hour. */
export async function findBatch(
  { redis }: Service,
  { key, current }: Caller,
  id: string,
): Promise<PinnedBatch | undefined> {
  const text = await redis.get(current.snapshot.keys.batch(id));
  const batch = text === null ? undefined : (JSON.parse(text) as PinnedBatch);
  return batch?.reviewer === key.owner ? batch : undefined;
}

function draw(rows: PinnedBatch['rows'], count: number): string[] {
  const left = rows.map(({ id }) => id);
  return Array.from({ length: count }, () => left.splice(randomInt(left.length), 1)).flat();
}
