/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

/**
 * What is hashed before the arguments, so that no digest made for another purpose can pass for one of
 * these. Part of the format: a change needs a new version and breaks every stored digest.
 */
export const ARGS_PREFIX = 'countersign/args/v1\n';

/**
 * The digest that approvals and tokens are bound to: SHA-256 over {@link ARGS_PREFIX} and the canonical
 * arguments. Runs wherever WebCrypto does; `@countersign/shared/digest` has the same for Node without
 * waiting.
 *
 * @param canonicalArgs the text that `canonicalize` returned for the arguments
 */
export async function argsDigestAsync(canonicalArgs: string): Promise<Digest> {
  const bytes = new TextEncoder().encode(ARGS_PREFIX + canonicalArgs);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
