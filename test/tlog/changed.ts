/** What a forger, or a disk, makes of a hash or a proof. */

export function flipped(hash: Uint8Array, bit: number): Uint8Array {
  return hash.map((byte, at) => (at === Math.floor(bit / 8) ? byte ^ (1 << (bit % 8)) : byte));
}

/** The proof as often as it has hashes, with the same bit changed in each of them in turn. */
export function withBit(proof: readonly Uint8Array[], bit: number): Uint8Array[][] {
  return proof.map((_, at) => proof.map((hash, place) => (place === at ? flipped(hash, bit) : hash)));
}

export function isSameProof(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return Buffer.concat(one).equals(Buffer.concat(other));
}

/** The proof with something added, taken away, moved or changed: none of it may verify. */
export function changedProofs(proof: readonly Uint8Array[], others: readonly Uint8Array[]): Uint8Array[][] {
  const empty = Uint8Array.of();
  const added = [empty, ...others, ...proof.slice(0, 1)].flatMap((hash) => [
    [...proof, hash],
    [hash, ...proof],
  ]);
  const taken = proof.length === 0 ? [] : [proof.slice(0, -1), proof.slice(1)];
  const moved = proof.length < 2 ? [] : [proof.toReversed(), [...proof.slice(1), ...proof.slice(0, 1)]];
  return [...added, ...taken, ...moved, ...withBit(proof, 3)];
}
