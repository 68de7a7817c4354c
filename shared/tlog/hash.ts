import { hash as digest } from 'node:crypto';

/** How long a hash is, in bytes: SHA-256. */
export const HASH_BYTES = 32;

// Leaves and nodes are hashed in separate domains, so that no entry can pass for an inner node.
const LEAF = 0;
const NODE = 1;

/** What is hashed, put together here: two hashes go into each entry of a log, and allocating takes as long as hashing. */
let scratch = Buffer.alloc(4_096);

/** The hash of an entry as a leaf of the tree: SHA-256(0x00 ‖ entry), RFC 6962, section 2.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const length = entry.length + 1;
  if (length > scratch.length) scratch = Buffer.alloc(2 * length);
  scratch[0] = LEAF;
  scratch.set(entry, 1);
  return sha256(scratch.subarray(0, length));
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962, section 2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const length = left.length + right.length + 1;
  scratch[0] = NODE;
  scratch.set(left, 1);
  scratch.set(right, left.length + 1);
  return sha256(scratch.subarray(0, length));
}

/** The root of a tree without entries: SHA-256 of nothing, RFC 6962, section 2.1. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array());
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function sha256(bytes: Uint8Array): Uint8Array {
  // Asking Node for a buffer of its own takes as long again as hashing does.
  return Buffer.from(digest('sha256', bytes, 'binary'), 'binary');
}
