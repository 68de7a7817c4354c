/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

/**
 * What is hashed before the arguments, so that no digest made for another purpose can pass for one of
 * these. Part of the format: a change needs a new version and breaks every stored digest.
 */
export const ARGS_PREFIX = 'countersign/args/v1\n';
