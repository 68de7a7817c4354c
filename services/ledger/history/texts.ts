/**
 * The words of what lies beside the log, so that a search finds them without reading all of it. A file here for each
 * file there, named by the very state of it that it was made from: what was erased there, or added, makes the file here
 * one of another state, which nobody reads and which is removed. So an erased text is found no more from that moment
 * on, whoever erased it and whatever crashed after.
 */
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { VARCHAR } from '@duckdb/node-api';
import type { Beside } from '../sealing/beside.ts';
import { type Engine, ROWS_AT_ONCE, type Session } from './engine.ts';
import { wordsOfText } from './words.ts';

export type Texts = {
  /** Paths of files of `request_id` and `words` that say what lies beside the log at this moment. */
  current(): Promise<string[]>;
};

const ending = '.parquet';
/** Words that are held in memory before the engine has them, characters. */
const most = 4_000_000;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** What a file here is called that is made from this file there. A rewritten file is another inode, a longer one has another size. */
async function nameFor(folder: string, name: string): Promise<string | undefined> {
  const found = await stat(join(folder, name), { bigint: true }).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const state = [found.ino, found.size, found.mtimeNs].map((number) => number.toString(36)).join('-');
  return `${name.replace(/\.jsonl$/, '')}.${state}${ending}`;
}

/** Its lines as far as they were written whole, each text once, so many at a time. */
async function* linesOf(path: string): AsyncIterable<{ requests: string[]; words: string[] }> {
  const seen = new Set<string>();
  let requests: string[] = [];
  let words: string[] = [];
  let length = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    let text: Beside;
    try {
      text = JSON.parse(line) as Beside;
    } catch {
      continue;
    }
    const once = `${text.request_id} ${text.commitment}`;
    if (seen.has(once)) continue;
    seen.add(once);
    const found = wordsOfText(text.text);
    requests.push(text.request_id);
    words.push(found);
    length += found.length;
    if (requests.length < ROWS_AT_ONCE && length < most) continue;
    yield { requests, words };
    [requests, words, length] = [[], [], 0];
  }
  if (requests.length > 0) yield { requests, words };
}

async function make(session: Session, from: string, to: string): Promise<void> {
  await session.run('CREATE TEMP TABLE making (request_id VARCHAR, words VARCHAR)');
  for await (const { requests, words } of linesOf(from))
    await session.append('making', { types: [VARCHAR, VARCHAR], columns: [requests, words] });
  const unfinished = `${to}.unfinished`;
  await session.run('COPY making TO $unfinished (FORMAT parquet, COMPRESSION zstd)', { unfinished });
  await rename(unfinished, to);
}

/**
 * @param beside the folder of what lies beside the log
 * @param folder where their words go, below the engine's
 * @param signal ends what has begun, with its reason
 */
export function openTexts(engine: Engine, beside: string, folder: string, signal: AbortSignal): Texts {
  async function bringUp(): Promise<string[]> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = await readdir(beside).catch((error) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const wanted = new Map<string, string>();
    for (const name of names.filter((name) => name.endsWith('.jsonl'))) {
      const made = await nameFor(beside, name);
      if (made !== undefined) wanted.set(made, join(beside, name));
    }
    const there = new Set(await readdir(folder));
    for (const name of there) if (!wanted.has(name)) await rm(join(folder, name), { force: true });
    for (const [name, from] of wanted) {
      signal.throwIfAborted();
      if (!there.has(name)) await engine.session((session) => make(session, from, join(folder, name)));
    }
    return [...wanted.keys()].map((name) => join(folder, name));
  }

  /** One at a time; whoever asks while one runs gets the one after it, which sees what happened before they asked. */
  let running: Promise<string[]> | undefined;
  let next: Promise<string[]> | undefined;
  return {
    current() {
      if (running === undefined) {
        running = bringUp().finally(() => {
          running = undefined;
        });
        return running;
      }
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return this.current();
        });
      return next;
    },
  };
}
