import { emptyRoot, HASH_BYTES, nodeHash, sameHash } from './hash.ts';
import { type Fault, fault } from './result.ts';

/** `hash_malformed`: a hash is not 32 bytes. `proof_length`: more or fewer hashes than such a proof has. */
type ProofFormCode = 'size_invalid' | 'hash_malformed' | 'proof_length';

export type Inclusion = {
  /** Where the entry is said to stand, from 0. */
  index: number;
  /** The size of the tree that `root` is of. */
  size: number;
  /** `leafHash(entry)`, of the entry that one has in hand. */
  leaf: Uint8Array;
  root: Uint8Array;
  proof: readonly Uint8Array[];
};

/** `root_mismatch`: with these hashes the entry does not lead to the root: it is another entry, index, tree or proof. */
export type InclusionCode = ProofFormCode | 'index_outside' | 'root_mismatch';

/**
 * Whether an entry stands at an index in the tree of a size and root: RFC 9162, section 2.1.3.2, of which the
 * variables have the names that they have there. Everything may come from a place that is not trusted but
 * `size` and `root`, which are those of a signed checkpoint.
 */
export function verifyInclusion(claim: Inclusion): { ok: true } | Fault<InclusionCode> {
  const { index, size, leaf, root, proof } = claim;
  const malformed = checkForm([index, size], [leaf, root, ...proof]);
  if (malformed !== undefined) return malformed;
  if (index >= size) {
    return fault('index_outside', `There is no entry ${index} in a tree of ${size} entries.`);
  }
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return fault('proof_length', 'The inclusion proof has more hashes than it needs.');
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) return fault('proof_length', 'The inclusion proof has fewer hashes than it needs.');
  if (sameHash(r, root)) return { ok: true };
  return fault(
    'root_mismatch',
    `The entry at index ${index} does not lead to the root of the tree of ${size} entries.`,
  );
}

export type Consistency = {
  /** The size and root of the older tree. */
  from: number;
  fromRoot: Uint8Array;
  /** The size and root of the newer tree. */
  to: number;
  toRoot: Uint8Array;
  proof: readonly Uint8Array[];
};

/**
 * `sizes_reversed`: `from` is the larger one. `from_root_mismatch`, `to_root_mismatch`: the proof does not lead
 * to that root; whichever is named, the two trees are not shown to be one that grew.
 */
export type ConsistencyCode = ProofFormCode | 'sizes_reversed' | 'from_root_mismatch' | 'to_root_mismatch';

/**
 * Whether the newer tree is the older one with entries appended, and nothing else changed: RFC 9162, section
 * 2.1.4.2, of which the variables have the names that they have there. The empty tree is the beginning of
 * every tree, with an empty proof; its root is `emptyRoot()`.
 */
export function verifyConsistency(claim: Consistency): { ok: true } | Fault<ConsistencyCode> {
  const { from, fromRoot, to, toRoot, proof } = claim;
  const malformed = checkForm([from, to], [fromRoot, toRoot, ...proof]);
  if (malformed !== undefined) return malformed;
  if (from > to) return fault('sizes_reversed', `A tree of ${from} entries can not have grown to ${to}.`);
  if (from === 0 || from === to) return verifyWithoutProof(claim);

  // Where the older tree is a perfect subtree of the newer one, its root is the first hash.
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  const [first, ...rest] = path;
  let fn = from - 1;
  let sn = to - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  if (proof.length === 0 || first === undefined) return tooShort();
  let fr = first;
  let sr = first;
  for (const c of rest) {
    if (sn === 0) return fault('proof_length', 'The consistency proof has more hashes than it needs.');
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) return tooShort();
  if (!sameHash(fr, fromRoot)) {
    return fault(
      'from_root_mismatch',
      `The proof does not lead to the root of the older tree, of ${from} entries.`,
    );
  }
  if (!sameHash(sr, toRoot)) {
    return fault(
      'to_root_mismatch',
      `The proof does not lead to the root of the newer tree, of ${to} entries.`,
    );
  }
  return { ok: true };
}

function verifyWithoutProof({ from, fromRoot, to, toRoot, proof }: Consistency) {
  if (proof.length > 0) {
    return fault(
      'proof_length',
      `From ${from} to ${to} entries nothing has to be proven, so there is no proof.`,
    );
  }
  if (from === 0 && !sameHash(fromRoot, emptyRoot())) {
    return fault('from_root_mismatch', 'The root of the older tree is not that of a tree without entries.');
  }
  if (from === to && !sameHash(fromRoot, toRoot)) {
    return fault('to_root_mismatch', `Two trees of ${from} entries have different roots.`);
  }
  return { ok: true } as const;
}

function tooShort() {
  return fault('proof_length', 'The consistency proof has fewer hashes than it needs.');
}

function checkForm(
  sizes: readonly number[],
  hashes: readonly Uint8Array[],
): Fault<ProofFormCode> | undefined {
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    return fault('size_invalid', 'A size or an index is no whole number between 0 and 2^53 − 1.');
  }
  if (!hashes.every((hash) => hash.length === HASH_BYTES)) {
    return fault('hash_malformed', `A hash does not have ${HASH_BYTES} bytes.`);
  }
  return undefined;
}

/** Not `>> 1`, which would cut sizes to 32 bits. */
function half(number: number): number {
  return Math.floor(number / 2);
}

/** Not by `Math.log2`, which rounds beside large powers. */
function isPowerOfTwo(number: number): boolean {
  let rest = number;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest === 1;
}
