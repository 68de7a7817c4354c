/**
 * The one way to the disk. What is written is there after any crash, whole or not at all: it is written aside, synced,
 * renamed, and the folder's own entry is synced as well.
 */
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** One change of what the disk holds. Between any two of them the machine may die. */
export type Step = 'make_folder' | 'write' | 'sync' | 'rename' | 'sync_folder' | 'remove';

/** A file by its path below the disk's folder. */
export type File = { path: string; bytes: Uint8Array | string };

export type Disk = {
  /** `undefined` where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Names in a folder, none where it is not there. */
  list(folder: string): Promise<string[]>;
  /** Each file becomes what is given, or stays what it was; all of them once it resolves. In no order among themselves. */
  write(files: readonly File[]): Promise<void>;
  /** Adds to a file's end. After a crash some of it may be there: whoever reads must be able to tell. */
  append(path: string, bytes: Uint8Array | string): Promise<void>;
  /** For what nobody needs any more: not synced. Files that are not there are none. */
  remove(paths: readonly string[]): Promise<void>;
};

/** The ending of files that are not yet what they will be. */
const unfinished = '.unfinished';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/**
 * Opens a folder, which is made when something is first written.
 *
 * @param before called before each step; what it throws takes the step's place
 */
export function openDisk(folder: string, before: (step: Step, path: string) => void = () => {}): Disk {
  const root = resolve(folder);
  const at = (path: string): string => join(root, path);

  async function sync(path: string, step: 'sync' | 'sync_folder', handle: FileHandle): Promise<void> {
    before(step, path);
    await handle.sync();
  }

  async function syncFolder(path: string): Promise<void> {
    const handle = await open(path, 'r');
    try {
      await sync(path, 'sync_folder', handle);
    } finally {
      await handle.close();
    }
  }

  /** Folders that are known to be there, and to stand in the folders above them, after a crash as well. */
  const certain = new Set<string>();
  async function makeFolder(path: string): Promise<void> {
    if (certain.has(path)) return;
    before('make_folder', path);
    await mkdir(path, { recursive: true, mode: 0o700 });
    // One that is there already may be left from a crash before it was synced.
    for (let folder = path; folder.length >= root.length; folder = dirname(folder)) {
      if (certain.has(folder)) break;
      await syncFolder(dirname(folder));
    }
    certain.add(path);
  }

  async function writeAside({ path, bytes }: File): Promise<void> {
    await makeFolder(dirname(at(path)));
    const handle = await open(at(path) + unfinished, 'w', 0o600);
    try {
      before('write', path);
      await handle.writeFile(bytes);
      await sync(path, 'sync', handle);
    } finally {
      await handle.close();
    }
  }

  return {
    read: (path) =>
      readFile(at(path)).catch((error) => (isMissing(error) ? undefined : Promise.reject(error))),
    async list(path) {
      const names = await readdir(at(path)).catch((error) => (isMissing(error) ? [] : Promise.reject(error)));
      return names.filter((name) => !name.endsWith(unfinished));
    },
    async write(files) {
      await Promise.all(files.map(writeAside));
      for (const { path } of files) {
        before('rename', path);
        await rename(at(path) + unfinished, at(path));
      }
      await Promise.all([...new Set(files.map(({ path }) => dirname(at(path))))].map(syncFolder));
    },
    async append(path, bytes) {
      const isNew =
        (await open(at(path), 'r').then(
          (handle) => handle.close(),
          () => 'new',
        )) === 'new';
      if (isNew) await makeFolder(dirname(at(path)));
      const handle = await open(at(path), 'a', 0o600);
      try {
        before('write', path);
        await handle.writeFile(bytes);
        await sync(path, 'sync', handle);
      } finally {
        await handle.close();
      }
      if (isNew) await syncFolder(dirname(at(path)));
    },
    async remove(paths) {
      for (const path of paths) {
        before('remove', path);
        await rm(at(path), { recursive: true, force: true });
      }
    },
  };
}
