/** The digest that names a policy set: kept with every request that it judged. */
import { hash } from 'node:crypto';
import type { Digest } from '../canonical/index.ts';

/** Part of the format: a change needs a new version and breaks every stored digest. */
const PREFIX = 'countersign/policy/v1\n';

/**
 * Over the path and text of every file, in path order. Each file is one JSON array on one line, so that no
 * two different sets of files can read the same.
 */
export function policyDigest(files: readonly { path: string; text: string }[]): Digest {
  const lines = [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, text }) => `${JSON.stringify([path, text])}\n`);
  return `sha256:${hash('sha256', PREFIX + lines.join(''), 'hex')}`;
}
