/** A policy directory on disk. For intake, which runs it, and the command line, which checks it; Node only. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceName } from '../keys/index.ts';
import type { PolicyFile } from '../policy/index.ts';

/** The workspace of the files that stand in the directory itself. */
export const DEFAULT_WORKSPACE = 'default';

/** Each workspace with its files, test cases (`*.test.yaml`) included. Paths are relative to the workspace's folder. */
export type PolicyDirectory =
  | { ok: true; workspaces: Map<string, PolicyFile[]> }
  | { ok: false; code: 'policies_unreadable'; message: string };

/**
 * Reads `dir/*.yaml` as the workspace `default` and `dir/<workspace>/*.yaml` as that workspace. Hidden
 * files, other files, and folders without a YAML file are passed over; nothing is judged here.
 */
export async function readPolicyDirectory(dir: string): Promise<PolicyDirectory> {
  const workspaces = new Map<string, PolicyFile[]>();
  try {
    workspaces.set(DEFAULT_WORKSPACE, await readPolicyFolder(dir));
    for (const name of await foldersOf(dir)) {
      const files = await readPolicyFolder(join(dir, name));
      if (files.length === 0) continue;
      if (!workspaceName.test(name) || name === DEFAULT_WORKSPACE) {
        const message = `${join(dir, name)} can not be a workspace: take another name, lower case letters, digits and dashes.`;
        return { ok: false, code: 'policies_unreadable', message };
      }
      workspaces.set(name, files);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, code: 'policies_unreadable', message: `The policies can not be read: ${reason}.` };
  }
  return { ok: true, workspaces };
}

/**
 * The YAML files that stand in one folder, in the order of their names.
 *
 * @throws the file system's error when the folder or one of them can not be read
 */
export async function readPolicyFolder(folder: string): Promise<PolicyFile[]> {
  const files: PolicyFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith('.') || !/\.ya?ml$/.test(name)) continue;
    files.push({ path: name, text: await readFile(join(folder, name), 'utf8') });
  }
  return files;
}

/** Follows links, because that is how a mounted ConfigMap looks. */
async function foldersOf(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => !name.startsWith('.')).sort();
  const kinds = await Promise.all(names.map((name) => stat(join(dir, name))));
  return names.filter((_, index) => kinds[index]?.isDirectory());
}
