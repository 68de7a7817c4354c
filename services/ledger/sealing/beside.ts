/**
 * What lies beside the log: arguments and words, which the log only commits to. They can be erased; the commitments are
 * salted, so that what is erased can not be found by trying.
 */
import { hash } from 'node:crypto';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Disk } from '../disk/disk.ts';
import type { Entry } from './entry.ts';

/** One text: of which entry, what it is, and the text as it was committed to. */
export type Beside = { seq: number; request_id: string; commitment: string; text: string };

/** Entries whose texts share a file. */
const perFile = 4_096;
const folder = 'beside';
const pathOf = (seq: number): string =>
  `${folder}/${String(Math.floor(seq / perFile)).padStart(9, '0')}.jsonl`;

/** What an entry commits to, and where Redis holds it. */
function commitmentOf(
  workspace: string,
  { request_id, payload, words }: Entry,
): { commitment: string; key: string; field?: string } | undefined {
  if (request_id === undefined) return undefined;
  const keys = workspaceKeys(workspace);
  if (payload !== undefined)
    return { commitment: payload.commitment, key: keys.payload(request_id, payload.version) };
  if (words === undefined) return undefined;
  return { commitment: words.commitment, key: keys.questions(request_id), field: words.field };
}

/** Reads what these entries commit to, as far as it is still there: what was erased before is not missed. */
export async function readBeside(
  redis: Redis,
  workspace: string,
  entries: readonly Entry[],
): Promise<Beside[]> {
  const wanted = entries.flatMap((entry) => {
    const found = commitmentOf(workspace, entry);
    return found === undefined ? [] : [{ entry, ...found }];
  });
  if (wanted.length === 0) return [];
  const reading = redis.pipeline();
  for (const { key, field } of wanted) {
    if (field === undefined) reading.get(key);
    else reading.hget(key, field);
  }
  const replies = (await reading.exec()) ?? [];
  return wanted.flatMap(({ entry, commitment }, at) => {
    const [error, text] = replies[at] ?? [];
    if (error) throw error;
    if (typeof text !== 'string' || `sha256:${hash('sha256', text, 'hex')}` !== commitment) return [];
    return [{ seq: entry.seq, request_id: entry.request_id ?? '', commitment, text }];
  });
}

export type BesideStore = {
  /** Resolves when they are certain. The same again does no harm. */
  add(texts: readonly Beside[]): Promise<void>;
  /** What lies beside the entries `from` up to, but not including, `to`, by their index. */
  between(from: number, to: number): Promise<Map<number, Beside[]>>;
  /** Erases every text of these requests; resolves when no crash brings one back. How many there were. */
  erase(requestIds: ReadonlySet<string>): Promise<number>;
};

/** Lines that were written whole. A crash may have left part of one, and another copy of some. */
function linesOf(bytes: Uint8Array | undefined): Beside[] {
  if (bytes === undefined) return [];
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Beside];
    } catch {
      return [];
    }
  });
}

/** Requests that are named anywhere in a file, also by a line that was cut off behind the name. */
function requestsIn(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const named = new Set<string>();
  // Ids are ASCII; within a text of a line quotation marks are escaped, so that no text can name one.
  for (const [, id = ''] of text.matchAll(/"request_id":"([\w-]+)"/g)) named.add(id);
  return [...named];
}

/** Requests of which a text lies beside an entry before this index, a file at a time, the oldest first. */
export async function* requestsBeside(disk: Disk, before: number): AsyncIterable<string[]> {
  for (let at = 0; at < before; at += perFile) {
    const lines = linesOf(await disk.read(pathOf(at))).filter(({ seq }) => seq < before);
    if (lines.length > 0) yield [...new Set(lines.map(({ request_id }) => request_id))];
  }
}

/** Opens what lies beside a workspace's log. */
export function openBeside(disk: Disk): BesideStore {
  const print = (texts: readonly Beside[]): string =>
    texts.map((text) => `${JSON.stringify(text)}\n`).join('');
  let last: Promise<unknown> = Promise.resolve();
  /** One change after the other: a file that is written anew must not lose what is added meanwhile. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  return {
    add: (texts) =>
      inTurn(async () => {
        // After a line that a crash cut off a new one begins.
        for (const [path, some = []] of Map.groupBy(texts, ({ seq }) => pathOf(seq)))
          await disk.append(path, `\n${print(some)}`);
      }),
    async between(from, to) {
      const found = new Map<number, Beside[]>();
      for (let at = from; at < to; at = (Math.floor(at / perFile) + 1) * perFile) {
        const lines = linesOf(await disk.read(pathOf(at))).filter(({ seq }) => seq >= from && seq < to);
        // By its commitment too: a crash may have left another copy of a line.
        const once = new Map(lines.map((line) => [`${line.seq} ${line.commitment}`, line]));
        for (const [seq, some = []] of Map.groupBy(once.values(), (line) => line.seq)) found.set(seq, some);
      }
      return found;
    },
    erase: (requestIds) =>
      inTurn(async () => {
        let erased = 0;
        // All files: where a crash cut a round of sealing short, a text may lie at an index that became another's.
        for (const name of await disk.list(folder)) {
          const path = `${folder}/${name}`;
          const bytes = await disk.read(path);
          if (bytes === undefined || !requestsIn(bytes).some((id) => requestIds.has(id))) continue;
          const lines = linesOf(bytes);
          const left = lines.filter(({ request_id }) => !requestIds.has(request_id));
          erased += lines.length - left.length;
          // Written anew even where no whole line is of it: a part of one may be.
          await disk.write([{ path, bytes: print(left) }]);
        }
        return erased;
      }),
  };
}
