/** A folder belongs to one process at a time. */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Another process seals into this folder. */
export class FolderTaken extends Error {
  override name = 'FolderTaken';
}

function isAlive(pid: number): boolean {
  // A container's first process has the number of the one before it.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive as well.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Takes it, over from a process that is gone where need be. Rejects with `FolderTaken`. Gives how to let go of it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  for (let attempt = 1; ; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (attempt > 1 || isAlive(holder))
      throw new FolderTaken(
        `Process ${holder} seals into ${folder}: two of them would sign two different logs. Stop it first; ` +
          `if that process is something else, delete ${file}.`,
      );
    await rm(file, { force: true });
  }
}
