/** Takes what the history holds elsewhere: line by line as it comes, whole or not at all where it goes into a file. */
import { createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { reasonOf } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { download } from '../server/download.ts';
import { escaped, inert } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

export type ExportOptions = { query: URLSearchParams; format: 'jsonl' | 'csv'; output?: string };

/** How often it is told how far it is, ms. */
const tellEveryMs = 1_000;

/**
 * Streams everything that is found. JSON has all but printable ASCII escaped, wherever it goes, which says the same. CSV
 * has no such escapes: on a screen or in a pipe what can not be seen is written out, in a file it stands as it is.
 */
export async function exportHistory(
  { query, format, output }: ExportOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  if (output !== undefined && (await exists(output))) {
    terminal.err(`${inert(output)} is there already, and an export never takes the place of another file.`);
    return exitCode.usage;
  }
  const interruption = new AbortController();
  if (output !== undefined)
    void terminal.interrupted().then(() => interruption.abort(new Error('interrupted')));
  const answer = await download(connection, `/v1/audit/history?${query}`, interruption.signal);
  if (!answer.ok) return fail(answer, terminal);

  const progress = { lines: 0, bytes: 0 };
  const coming = counted(answer.value, progress, terminal);
  try {
    if (output !== undefined) {
      const text = format === 'jsonl' ? escapedPieces(coming) : coming;
      await written(output, text);
      terminal.err(`${told(progress)} in ${inert(output)}.`);
    } else {
      const shown = format === 'jsonl' ? escaped : inert;
      const lines = createInterface({ input: Readable.from(coming), crlfDelay: Number.POSITIVE_INFINITY });
      for await (const line of lines) terminal.out(shown(line));
    }
  } catch (error) {
    const kept = output === undefined ? 'what came is not all of it' : 'no file was made';
    terminal.err(`The export broke off after ${told(progress)} (${reasonOf(error)}): ${kept}.`);
    return exitCode.unavailable;
  }
  return exitCode.done;
}

type Progress = { lines: number; bytes: number };

const told = ({ lines, bytes }: Progress): string =>
  `${lines.toLocaleString('en')} lines, ${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  progress: Progress,
  terminal: Terminal,
): AsyncIterable<Uint8Array> {
  let last = Date.now();
  for await (const piece of pieces) {
    progress.bytes += piece.length;
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) progress.lines += 1;
    if (Date.now() - last >= tellEveryMs) {
      last = Date.now();
      terminal.err(`${told(progress)} …`);
    }
    yield piece;
  }
}

async function* escapedPieces(pieces: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield escaped(decoder.decode(piece, { stream: true }));
  yield escaped(decoder.decode());
}

/** The file has its name once it is whole. What people did is in it: it is for whoever took it. */
async function written(path: string, pieces: AsyncIterable<Uint8Array | string>): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(pieces, createWriteStream(unfinished, { mode: 0o600, flush: true }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
