/** What `policy simulate` and `policy suggest` have in common: the history that is asked, and how far it is. */
import { join } from 'node:path';
import { openDisk } from '@countersign/ledger/disk/disk.ts';
import { openSealedLog, type SealedLog } from '@countersign/ledger/reading/sealed-log.ts';
import type { BacktestLine, BacktestProgress } from '@countersign/shared/contracts';
import type { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import type { Connection } from '../server/connection.ts';
import { callForLines } from '../server/lines.ts';
import { inert } from '../terminal/inert.ts';
import { progressLine } from '../terminal/simulation.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { givenText } from './at-file.ts';
import { sinceOf } from './since.ts';

export type HistoryOptions = {
  /** As `sinceOf` reads it. */
  since?: string;
  /** Ids with commas or white space between them, or `@file`. */
  audited?: string;
  cleared?: string;
};

export type History = { from?: number; audited: string[]; cleared: string[] };

export type Refused = { message: string };

/** Says why a command can not be followed as it was typed. */
export function refuse({ message }: Refused, terminal: Terminal): ExitCode {
  terminal.err(message);
  return exitCode.usage;
}

/** Ids with commas or white space between them. */
async function idsOf(option: string, given: string | undefined): Promise<string[] | Refused> {
  if (given === undefined) return [];
  const ids = await givenText(option, given);
  return ids.ok ? ids.text.split(/[\s,]+/).filter(Boolean) : ids;
}

/** From when on, ms, and the requests that an audit found wrong or right. */
export async function whichHistory(options: HistoryOptions): Promise<History | Refused> {
  const { since } = options;
  const from = since === undefined ? undefined : sinceOf(since, Date.now());
  if (since !== undefined && from === undefined)
    return { message: `--since ${inert(since)}: write it like 30d, 12h or 2026-11-01.` };
  const audited = await idsOf('--audited', options.audited);
  if ('message' in audited) return audited;
  const cleared = await idsOf('--cleared', options.cleared);
  if ('message' in cleared) return cleared;
  return { audited, cleared, ...(from === undefined ? {} : { from }) };
}

/** The log in a folder; says so where there is none. */
export async function logIn(folder: string, terminal: Terminal): Promise<SealedLog | undefined> {
  const log = await openSealedLog(openDisk(folder));
  if (log === undefined)
    terminal.err(
      `${inert(join(folder, 'checkpoint'))} is not there: name the folder of one workspace, as ${inert(join(folder, 'default'))}.`,
    );
  return log;
}

/** How often it is said how far it is, ms. */
const sayEveryMs = 1_000;

/** Says how far it is: the first time, then each second, then that it is done. */
export function teller(terminal: Terminal) {
  let said = -sayEveryMs;
  return (progress: BacktestProgress): void => {
    if (performance.now() - said < sayEveryMs && progress.done < progress.of) return;
    said = performance.now();
    terminal.err(progressLine(progress));
  };
}

/** What a server is asked: the call, and what a line of its answer is. */
type Backtest<Result> = {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
  line: z.ZodType<BacktestLine<Result>>;
};

/** Has a server do it, and says meanwhile how far it is. What kept it from a result has been said. */
export async function onServer<Result>(
  { method, path, body, line }: Backtest<Result>,
  connection: Connection,
  terminal: Terminal,
): Promise<{ ok: true; result: Result } | { ok: false; exit: ExitCode }> {
  const tell = teller(terminal);
  let last: { result: Result } | undefined;
  let problem: string | undefined;
  const lines = await callForLines(connection, method, path, body, line, (said) => {
    if ('progress' in said) tell(said.progress);
    else if ('result' in said) last = said;
    else problem = inert(said.problem.detail);
  });
  if (last !== undefined) return { ok: true, result: last.result };
  terminal.err(lines.ok ? (problem ?? 'The server’s answer broke off. Try again.') : lines.message);
  return { ok: false, exit: lines.ok ? exitCode.unavailable : lines.exit };
}
