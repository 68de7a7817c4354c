/** `policy simulate`: policies on disk, held against what has happened. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { simulate } from '@countersign/ledger/backtest/run.ts';
import { type Simulation, SimulationLine } from '@countersign/shared/contracts';
import { isPolicyTest, loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import { readPolicyFolder } from '@countersign/shared/policy-files';
import { type ExitCode, exitCode } from '../exit-code.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import { renderSimulation } from '../terminal/simulation.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  type History,
  type HistoryOptions,
  logIn,
  onServer,
  type Refused,
  refuse,
  teller,
  whichHistory,
} from './backtest.ts';

export type SimulateOptions = HistoryOptions & { json?: boolean };

type Asked = History & { files: PolicyFile[] };

/** The policy files that are named, or stand in the named folder. */
async function filesIn(places: readonly string[]): Promise<PolicyFile[] | Refused> {
  const files: PolicyFile[] = [];
  for (const place of places) {
    try {
      const found = (await stat(place)).isDirectory()
        ? await readPolicyFolder(place)
        : [{ path: basename(place), text: await readFile(place, 'utf8') }];
      files.push(...found.filter(({ path }) => !isPolicyTest(path)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { message: `${inert(place)} can not be read: ${inert(reason)}.` };
    }
  }
  return files.length > 0
    ? files
    : { message: `There is no policy file in ${places.map(inert).join(', ')}.` };
}

async function askedFor(places: readonly string[], options: SimulateOptions): Promise<Asked | Refused> {
  const files = await filesIn(places);
  if (!Array.isArray(files)) return files;
  const history = await whichHistory(options);
  return 'message' in history ? history : { files, ...history };
}

function print(result: Simulation, { json }: SimulateOptions, terminal: Terminal): ExitCode {
  if (json) terminal.out(inertJson(result));
  else for (const line of renderSimulation(result)) terminal.out(line);
  return exitCode.done;
}

/**
 * Simulates over a workspace's log in a folder, without a server.
 *
 * @param folder the one that holds its `checkpoint`, and what lies beside the log
 */
export async function simulateOnFolder(
  places: readonly string[],
  folder: string,
  options: SimulateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = await askedFor(places, options);
  if ('message' in asked) return refuse(asked, terminal);
  const loaded = loadPolicySet(asked.files);
  if (!loaded.ok) {
    for (const { file, line, column, code, message } of loaded.problems)
      terminal.err(`${inert(file)}:${line}:${column}: ${code}: ${inert(message)}`);
    return exitCode.refused;
  }
  const log = await logIn(folder, terminal);
  if (log === undefined) return exitCode.unavailable;
  const { from, audited, cleared } = asked;
  const period = from === undefined ? {} : { from };
  const result = await simulate(log, loaded.set, period, {
    onProgress: teller(terminal),
    audited,
    cleared,
  });
  return print(result, options, terminal);
}

/** Has a server simulate over the log of its workspace. */
export async function simulateOnServer(
  places: readonly string[],
  options: SimulateOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = await askedFor(places, options);
  if ('message' in asked) return refuse(asked, terminal);
  const { files, from, audited, cleared } = asked;
  const body = {
    files,
    audited,
    cleared,
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
  };
  const call = { method: 'POST', path: '/v1/policy/simulate', body, line: SimulationLine } as const;
  const answer = await onServer(call, connection, terminal);
  return answer.ok ? print(answer.result, options, terminal) : answer.exit;
}
