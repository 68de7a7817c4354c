import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the data of `countersign start` are unless someone says otherwise. */
export const DEFAULT_DATA_DIR = '.countersign';

/** The kinds of keys that a development server hands out, each to a person of its own. */
export const KEY_NAMES = ['agent', 'reviewer', 'lead', 'admin'] as const;
export type KeyName = (typeof KEY_NAMES)[number];

const startedFile = z.object({
  url: z.string(),
  keys: z.record(z.enum(KEY_NAMES), z.string()),
  /** Who each key belongs to. */
  people: z.record(z.enum(KEY_NAMES), z.string()),
  /** One-time, for the extension. */
  pair_code: z.string(),
  /** The folder to load unpacked. */
  extension_dir: z.string(),
  redis_url: z.string(),
});

/** What a running `countersign start` tells scripts: `DIR/started.json`, for its user's eyes only. */
export type Started = z.infer<typeof startedFile>;

const fileIn = (dataDir: string) => join(dataDir, 'started.json');

/** Appears whole or not at all. */
export async function writeStarted(dataDir: string, started: Started): Promise<void> {
  const temporary = `${fileIn(dataDir)}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(started, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, fileIn(dataDir));
}

/** What is running there; undefined when nothing is, as far as the file says. */
export async function readStarted(dataDir: string): Promise<Started | undefined> {
  try {
    return startedFile.parse(JSON.parse(await readFile(fileIn(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function removeStarted(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}
