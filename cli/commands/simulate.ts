/** `policy simulate`: policies on disk, held against what has happened. */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { simulate } from '@countersign/ledger/backtest/run.ts';
import { openDisk } from '@countersign/ledger/disk/disk.ts';
import { openSealedLog } from '@countersign/ledger/reading/sealed-log.ts';
import { type Simulation, SimulationLine } from '@countersign/shared/contracts';
import { isPolicyTest, loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import { readPolicyFolder } from '@countersign/shared/policy-files';
import { type ExitCode, exitCode } from '../exit-code.ts';
import type { Connection } from '../server/connection.ts';
import { postForLines } from '../server/lines.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import { progressLine, renderSimulation } from '../terminal/simulation.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { givenText } from './at-file.ts';
import { sinceOf } from './since.ts';

export type SimulateOptions = {
  /** As `sinceOf` reads it. */
  since?: string;
  /** Ids with commas or white space between them, or `@file`. */
  audited?: string;
  json?: boolean;
};

type Asked = { files: PolicyFile[]; from?: number; audited: string[] };
type Refused = { message: string };

/** How often it is said how far it is, ms. */
const sayEveryMs = 1_000;

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

async function askedFor(
  places: readonly string[],
  { since, audited: given }: SimulateOptions,
): Promise<Asked | Refused> {
  const files = await filesIn(places);
  if (!Array.isArray(files)) return files;
  const from = since === undefined ? undefined : sinceOf(since, Date.now());
  if (since !== undefined && from === undefined)
    return { message: `--since ${inert(since)}: write it like 30d, 12h or 2026-11-01.` };
  const ids = given === undefined ? undefined : await givenText('--audited', given);
  if (ids !== undefined && !ids.ok) return ids;
  const audited = ids?.text.split(/[\s,]+/).filter(Boolean) ?? [];
  return { files, audited, ...(from === undefined ? {} : { from }) };
}

/** Says how far it is: the first time, then each second. */
function teller(terminal: Terminal) {
  let said = -sayEveryMs;
  return (progress: Parameters<typeof progressLine>[0]): void => {
    if (performance.now() - said < sayEveryMs && progress.done < progress.of) return;
    said = performance.now();
    terminal.err(progressLine(progress));
  };
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
  const log = await openSealedLog(openDisk(folder));
  if (log === undefined) {
    terminal.err(
      `${inert(join(folder, 'checkpoint'))} is not there: name the folder of one workspace, as ${inert(join(folder, 'default'))}.`,
    );
    return exitCode.unavailable;
  }
  const { from, audited } = asked;
  const period = from === undefined ? {} : { from };
  const result = await simulate(log, loaded.set, period, { onProgress: teller(terminal), audited });
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
  const { files, from, audited } = asked;
  const body = { files, audited, ...(from === undefined ? {} : { from: new Date(from).toISOString() }) };
  const tell = teller(terminal);
  let result: Simulation | undefined;
  let problem: string | undefined;
  const lines = await postForLines(connection, '/v1/policy/simulate', body, SimulationLine, (line) => {
    if ('progress' in line) tell(line.progress);
    else if ('result' in line) result = line.result;
    else problem = inert(line.problem.detail);
  });
  if (result !== undefined) return print(result, options, terminal);
  const message = lines.ok ? (problem ?? 'The server’s answer broke off. Try again.') : lines.message;
  terminal.err(message);
  return lines.ok ? exitCode.unavailable : lines.exit;
}

function refuse({ message }: Refused, terminal: Terminal): ExitCode {
  terminal.err(message);
  return exitCode.usage;
}
