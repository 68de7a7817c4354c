/**
 * The analytical engine of one workspace's history: DuckDB, embedded, on one file. It can read and write below its own
 * folder and nowhere else, and no value is ever part of a statement's text.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Turns } from './turns.ts';

/** What the engine may use of the machine. */
export type EngineLimits = {
  /** For tables and sorting; what needs more goes to the folder's `spill`. MiB. */
  memory: number;
  threads: number;
};

export type Values = Readonly<Record<string, DuckDBValue>>;
export type Row = Readonly<Record<string, unknown>>;

/** Rows to append to a table: a list for each of its columns, and what the columns hold. */
export type Rows = { types: readonly DuckDBType[]; columns: readonly (readonly DuckDBValue[])[] };

/** Statements of one connection, one after the other. */
export type Session = {
  run(sql: string, values?: Values): Promise<void>;
  append(table: string, rows: Rows): Promise<void>;
};

export type Engine = {
  /** All rows of an answer that is known to be short. */
  rows(sql: string, values?: Values, signal?: AbortSignal): Promise<Row[]>;
  /** The same as a list for each column: of an answer with many columns that is the cheaper half of reading it. */
  columns(sql: string, values?: Values): Promise<Readonly<Record<string, readonly unknown[]>>>;
  /** The rows of a long one, some at a time: the engine computes no further than it is read. */
  stream(sql: string, values?: Values, signal?: AbortSignal): AsyncIterable<Row[]>;
  /** Runs `work` on a connection of its own. What it leaves open is rolled back. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): void;
};

/** So many rows fit the engine's vectors. */
export const ROWS_AT_ONCE = 2_048;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function open(folder: string, file: string, { memory, threads }: EngineLimits) {
  const instance = await DuckDBInstance.create(join(folder, file), {
    memory_limit: `${memory}MiB`,
    threads: String(threads),
    temp_directory: join(folder, 'spill'),
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_directories = [${quoted(folder)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return { instance, connection };
}

/** Another process has the file open: nothing is wrong with it. Everything else that keeps it from opening is damage. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error && /could not set lock|conflicting lock/i.test(error.message);

/** What is in the file can not be read, or not any more: it has to be made anew. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  /corrupt|checksum|serialization error|database has been invalidated/i.test(error.message);

/** Opens the file in the folder; both are made where they are missing. */
export async function openEngine(
  folder: string,
  file: string,
  limits: EngineLimits,
  turns: Turns,
): Promise<Engine> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { instance, connection: first } = await open(folder, file, limits);
  first.closeSync();

  async function connected<T>(
    signal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const connection = await instance.connect();
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await work(connection);
    } catch (error) {
      // What was interrupted says so as the signal has it.
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  return {
    rows: (sql, values = {}, signal) =>
      turns(() =>
        connected(signal, async (connection) =>
          (await connection.runAndReadAll(sql, { ...values })).getRowObjectsJS(),
        ),
      ),
    columns: (sql, values = {}) =>
      turns(() =>
        connected(undefined, async (connection) =>
          (await connection.runAndReadAll(sql, { ...values })).getColumnsObject(),
        ),
      ),
    async *stream(sql, values = {}, signal) {
      const connection = await instance.connect();
      const interrupt = (): void => connection.interrupt();
      signal?.addEventListener('abort', interrupt, { once: true });
      try {
        signal?.throwIfAborted();
        const result = await turns(() => connection.stream(sql, { ...values }));
        const chunks = result.yieldRowObjectJs();
        for (;;) {
          const chunk = await turns(() => chunks.next());
          if (chunk.done === true) return;
          yield chunk.value;
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', interrupt);
        connection.closeSync();
      }
    },
    session: (work) =>
      connected(undefined, (connection) =>
        work({
          run: async (sql, values = {}) => {
            await turns(() => connection.run(sql, { ...values }));
          },
          async append(table, { types, columns }) {
            const appender = await connection.createAppender(table);
            const rows = columns[0]?.length ?? 0;
            for (let at = 0; at < rows; at += ROWS_AT_ONCE) {
              const chunk = DuckDBDataChunk.create(types);
              chunk.setColumns(columns.map((column) => column.slice(at, at + ROWS_AT_ONCE)));
              appender.appendDataChunk(chunk);
            }
            appender.closeSync();
          },
        }),
      ),
    close: () => instance.closeSync(),
  };
}
