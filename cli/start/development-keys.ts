import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KEY_NAMES } from './started-file.ts';

const keysFile = z.record(z.enum(KEY_NAMES), z.string());

/** The texts of the development keys. The server keeps only their hashes, so they are kept here. */
export type DevelopmentKeys = z.infer<typeof keysFile>;

const fileIn = (dataDir: string) => join(dataDir, 'development-keys.json');

/** The keys of the last start, so that scripts and paired browsers go on working; undefined the first time. */
export async function readDevelopmentKeys(dataDir: string): Promise<DevelopmentKeys | undefined> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : keysFile.parse(JSON.parse(text));
}

/** For the eyes of this user only. */
export async function writeDevelopmentKeys(dataDir: string, keys: DevelopmentKeys): Promise<void> {
  await writeFile(fileIn(dataDir), `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
}
