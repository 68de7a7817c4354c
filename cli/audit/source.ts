/** Where a log is read from: a folder, or an address that serves the same paths. Nothing of it is believed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes under a path of the log; undefined where there is nothing. An outage is thrown. */
export type Source = { read(path: string): Promise<Uint8Array | undefined> };

export function folderSource(folder: string): Source {
  return {
    read: (path) =>
      readFile(join(folder, path)).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }),
  };
}

/** @param key an API key of an auditor or a lead, where the address asks for one */
export function addressSource(address: string, key: string | undefined): Source {
  const base = address.endsWith('/') ? address : `${address}/`;
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return {
    async read(path) {
      const response = await fetch(new URL(path, base), { headers, redirect: 'error' });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Error(`${new URL(path, base).href} answered ${response.status}.`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
