/** `policy suggest`: where a person should be asked, and the diff that would try it. Nothing applies itself. */
import { lotsOf } from '@countersign/ledger/backtest/job.ts';
import { suggest } from '@countersign/ledger/backtest/run.ts';
import { type Suggestions, SuggestionsLine } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import type { Connection } from '../server/connection.ts';
import { inertJson } from '../terminal/inert.ts';
import { diffOf, renderSuggestions } from '../terminal/suggestions.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type HistoryOptions, logIn, onServer, refuse, teller, whichHistory } from './backtest.ts';

export type SuggestCommandOptions = HistoryOptions & {
  json?: boolean;
  /** The policy directory as the diff names it; `true` for the usual one. */
  diff?: string | true;
};

function print(result: Suggestions, { json, diff }: SuggestCommandOptions, terminal: Terminal): ExitCode {
  if (diff !== undefined) {
    const lines = diffOf(result, diff === true ? 'policies' : diff, new Date());
    for (const line of lines) terminal.out(line);
    if (lines.length === 0) terminal.err('Nothing is suggested: run it without --diff to see why.');
    return lines.length === 0 ? exitCode.refused : exitCode.done;
  }
  if (json) terminal.out(inertJson(result));
  else for (const line of renderSuggestions(result)) terminal.out(line);
  return exitCode.done;
}

/** Suggests from a workspace's log in a folder, without a server. */
export async function suggestFromFolder(
  folder: string,
  options: SuggestCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const history = await whichHistory(options);
  if ('message' in history) return refuse(history, terminal);
  const log = await logIn(folder, terminal);
  if (log === undefined) return exitCode.unavailable;
  const { audited, cleared, ...from } = history;
  const asked = {
    ...from,
    now: Date.now(),
    lotOf: lotsOf(log),
  };
  return print(
    await suggest(log, asked, { onProgress: teller(terminal), audited, cleared }),
    options,
    terminal,
  );
}

/** Has a server suggest from the log of its workspace. */
export async function suggestFromServer(
  options: SuggestCommandOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const history = await whichHistory(options);
  if ('message' in history) return refuse(history, terminal);
  const { from, audited, cleared } = history;
  const query = new URLSearchParams({
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(audited.length === 0 ? {} : { audited: audited.join(',') }),
    ...(cleared.length === 0 ? {} : { cleared: cleared.join(',') }),
  });
  const path = `/v1/insights/suggestions?${query}`;
  const answer = await onServer({ method: 'GET', path, line: SuggestionsLine }, connection, terminal);
  return answer.ok ? print(answer.result, options, terminal) : answer.exit;
}
