/**
 * The library that every installation has: forty calls, each with one thing wrong, in `library/*.canaries.yaml`. They are
 * for drills. Anybody can read them, and a workspace's tools are called otherwise, so that none of them is ever planted
 * (docs/canaries.md, "The library").
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LibraryCanary, type PolicySet, readCanaries } from '@countersign/shared/policy';

const folder = join(import.meta.dirname, 'library');
let read: readonly LibraryCanary[] | undefined;

/** The installation's own, in the order of files and lines. Read once. */
export function builtIn(): readonly LibraryCanary[] {
  read ??= readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const found = readCanaries(file, readFileSync(join(folder, file), 'utf8'));
      if (!found.ok) throw new Error(`${file}: ${JSON.stringify(found.problems)}`);
      return found.canaries;
    });
  return read;
}

/** What may be shown in practice: those that people here have written for it, then those that come with it. */
export function forDrills({ library }: Pick<PolicySet, 'library'>): LibraryCanary[] {
  return [...library, ...builtIn()].filter(({ use }) => use === 'drill');
}

/** What people here have written to be planted. */
export function forPlanting({ library }: Pick<PolicySet, 'library'>): LibraryCanary[] {
  return library.filter(({ use }) => use === 'canary');
}

/** How a canary on record names the one that it was made of. */
export const libraryName = (name: string): string => `library/${name}`;

/** Whether a canary is made of what somebody wrote. */
export function isWritten(from: string | undefined): from is string {
  return from?.startsWith(libraryName('')) === true;
}
