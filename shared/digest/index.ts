import { hash } from 'node:crypto';
import { ARGS_PREFIX, type Digest } from '../canonical/index.ts';

export { type CanaryBit, canaryCommitment } from './canary.ts';
export { policyDigest } from './policy.ts';

/**
 * The digest that approvals and tokens are bound to: SHA-256 over {@link ARGS_PREFIX} and the canonical arguments.
 *
 * @param canonicalArgs the text that `canonicalize` returned for the arguments
 */
export function argsDigest(canonicalArgs: string): Digest {
  return `sha256:${hash('sha256', ARGS_PREFIX + canonicalArgs, 'hex')}`;
}
