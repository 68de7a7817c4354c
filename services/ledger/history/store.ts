/**
 * The history's table of entries, in one file that is made from the log and can be made from it again. How far it has
 * come is written in the same transaction as the rows, so that a crash leaves both or neither.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cards, openCards } from '../insights/cards.ts';
import { countEntries } from '../insights/count.ts';
import type { Memory } from '../insights/memory.ts';
import { createRollups, readMemory, writeRollups } from '../insights/rollups.ts';
import type { BesideStore } from '../sealing/beside.ts';
import type { Entry } from '../sealing/entry.ts';
import { type Engine, type EngineLimits, isTaken, openEngine } from './engine.ts';
import { createEntries, rowsOf } from './facts.ts';
import type { Turns } from './turns.ts';

/** How far it has come: in which log, how many entries, and the leaf hash of the last of them, in hexadecimal. */
export type Taken = { origin: string; size: number; leaf: string };

export type Store = {
  engine: Engine;
  taken(): Taken | undefined;
  /** What counting remembers, as of then. */
  memory(): Promise<Memory>;
  /** Adds the entries that follow. Resolves when no crash undoes it. */
  take(entries: readonly Entry[], taken: Taken): Promise<void>;
};

/** Its file. Counts up when the columns change: one of another version is no use and is removed. */
export const storeFile = 'entries-v4.duckdb';
/** What may stand beside it: what it has not yet taken in itself, and the words of texts. */
const mayStay = new Set([storeFile, `${storeFile}.wal`, 'texts']);

async function takenIn(engine: Engine): Promise<Taken | undefined> {
  const [row] = await engine.rows(
    'SELECT origin, size, leaf, (SELECT count(*) FROM entries) AS rows FROM taken ORDER BY size DESC LIMIT 1',
  );
  if (row === undefined) return undefined;
  if (row.rows !== row.size)
    throw new Error(`the history says it has ${row.size} entries and has ${row.rows}`);
  return { origin: String(row.origin), size: Number(row.size), leaf: String(row.leaf) };
}

/** Removes the table, which is then made anew. The words of texts stay: they know what they are of. */
export async function removeStore(folder: string): Promise<void> {
  for (const name of [storeFile, `${storeFile}.wal`]) await rm(join(folder, name), { force: true });
}

/**
 * Opens it, empty where what is there can't be read. Rejects where another process has it.
 *
 * @param beside what lies beside the log: what there was to read is counted, too
 */
export async function openStore(
  folder: string,
  limits: EngineLimits,
  turns: Turns,
  beside: Pick<BesideStore, 'between'>,
): Promise<Store> {
  for (const name of await readdir(folder).catch(() => []))
    if (!mayStay.has(name)) await rm(join(folder, name), { recursive: true, force: true });

  async function open(): Promise<{ engine: Engine; taken: Taken | undefined }> {
    const engine = await openEngine(folder, storeFile, limits, turns);
    try {
      await engine.session(async ({ run }) => {
        await run('BEGIN');
        await run(createEntries);
        await run('CREATE TABLE IF NOT EXISTS taken (origin VARCHAR, size BIGINT, leaf VARCHAR)');
        for (const table of createRollups) await run(table);
        await run('COMMIT');
      });
      return { engine, taken: await takenIn(engine) };
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  const { engine, taken: before } = await open().catch(async (error) => {
    if (isTaken(error)) throw error;
    await removeStore(folder);
    return open();
  });
  let taken = before;
  let counting: Promise<{ memory: Memory; cards: Cards }> | undefined;

  async function openCounting() {
    const memory = await readMemory(engine);
    const secret = memory.get('secret', '') ?? randomBytes(16).toString('base64url');
    memory.set('secret', '', secret);
    return { memory, cards: openCards(beside, secret) };
  }

  async function counted() {
    counting ??= openCounting();
    return counting;
  }

  return {
    engine,
    taken: () => taken,
    memory: async () => (await counted()).memory,
    async take(entries, next) {
      try {
        const { memory, cards } = await counted();
        const added = await countEntries(entries, memory, cards);
        await engine.session(async (session) => {
          const { run, append } = session;
          await run('BEGIN');
          await append('entries', rowsOf(entries));
          await writeRollups(session, added, memory.changes());
          await run('DELETE FROM taken');
          await run('INSERT INTO taken VALUES ($origin, $size::BIGINT, $leaf)', next);
          await run('COMMIT');
        });
        taken = next;
      } catch (error) {
        // What is remembered may be ahead of what was written: it is read again.
        counting = undefined;
        throw error;
      }
    },
  };
}
