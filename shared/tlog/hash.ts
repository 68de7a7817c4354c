import { hash as digest } from 'node:crypto';

/** How long a hash is, in bytes: SHA-256. */
export const HASH_BYTES = 32;

// Leaves and nodes are hashed in separate domains, so that no entry can pass for an inner node.
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The hash of an entry as a leaf of the tree: SHA-256(0x00 ‖ entry), RFC 6962, section 2.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256([LEAF, entry]);
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962, section 2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256([NODE, left, right]);
}

/** The root of a tree without entries: SHA-256 of nothing, RFC 6962, section 2.1. */
export function emptyRoot(): Uint8Array {
  return sha256([]);
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function sha256(parts: Uint8Array[]): Uint8Array {
  // Two hashes go into each entry of a log; asking Node for a buffer of its own takes as long again as hashing does.
  return Buffer.from(digest('sha256', Buffer.concat(parts), 'binary'), 'binary');
}
