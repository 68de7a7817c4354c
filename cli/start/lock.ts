import { mkdirSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readStarted } from './started-file.ts';

export type Lock =
  | { ok: true; release: () => Promise<void> }
  | { ok: false; code: 'already_running'; message: string };

/**
 * Takes a data directory for this process: two of them on one append-only file would ruin it. Makes the
 * directory, for its user only. A lock whose process is gone is taken over.
 */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'lock');
  for (let attempt = 1; ; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return { ok: true, release: () => rm(file, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (attempt > 1 || (await isCountersign(holder))) return refusal(dataDir, file, holder);
    await rm(file, { force: true });
  }
}

async function refusal(dataDir: string, file: string, holder: number): Promise<Lock> {
  const started = await readStarted(dataDir);
  const where = started === undefined ? `as process ${holder}` : `at ${started.url} (process ${holder})`;
  const message =
    `Countersign already runs on ${dataDir}, ${where}. Stop it first, or pass another --data. ` +
    `If that process is something else, delete ${file}.`;
  return { ok: false, code: 'already_running', message };
}

/** Process numbers are used again, so where the system tells, the command line has to be ours. */
async function isCountersign(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is alive as well.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || /\bstart\b/.test(commandLine);
}
