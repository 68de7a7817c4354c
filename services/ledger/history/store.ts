/**
 * The history's table of entries, in one file that is made from the log and can be made from it again. How far it has
 * come is written in the same transaction as the rows, so that a crash leaves both or neither.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../sealing/entry.ts';
import { type Engine, type EngineLimits, isTaken, openEngine } from './engine.ts';
import { createEntries, rowsOf } from './facts.ts';
import type { Turns } from './turns.ts';

/** How far it has come: in which log, how many entries, and the leaf hash of the last of them, in hexadecimal. */
export type Taken = { origin: string; size: number; leaf: string };

export type Store = {
  engine: Engine;
  taken(): Taken | undefined;
  /** Adds the entries that follow. Resolves when no crash undoes it. */
  take(entries: readonly Entry[], taken: Taken): Promise<void>;
};

/** Counts up when the columns change: a file of another version is no use and is removed. */
const file = 'entries-v1.duckdb';
/** What may stand beside it: what it has not yet taken in itself, and the words of texts. */
const mayStay = new Set([file, `${file}.wal`, 'texts']);

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
  for (const name of [file, `${file}.wal`]) await rm(join(folder, name), { force: true });
}

/** Opens it, empty where what is there can't be read. Rejects where another process has it. */
export async function openStore(folder: string, limits: EngineLimits, turns: Turns): Promise<Store> {
  for (const name of await readdir(folder).catch(() => []))
    if (!mayStay.has(name)) await rm(join(folder, name), { recursive: true, force: true });

  async function open(): Promise<{ engine: Engine; taken: Taken | undefined }> {
    const engine = await openEngine(folder, file, limits, turns);
    try {
      await engine.session(async ({ run }) => {
        await run('BEGIN');
        await run(createEntries);
        await run('CREATE TABLE IF NOT EXISTS taken (origin VARCHAR, size BIGINT, leaf VARCHAR)');
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

  return {
    engine,
    taken: () => taken,
    async take(entries, next) {
      await engine.session(async ({ run, append }) => {
        await run('BEGIN');
        await append('entries', rowsOf(entries));
        await run('DELETE FROM taken');
        await run('INSERT INTO taken VALUES ($origin, $size::BIGINT, $leaf)', next);
        await run('COMMIT');
      });
      taken = next;
    },
  };
}
