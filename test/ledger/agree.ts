/** Whether checkpoints tell one story. */
import {
  consistencyProof,
  openCheckpoint,
  parseVerifierKey,
  verifyConsistency,
} from '@countersign/shared/tlog';
import { expect } from 'vitest';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { tilesOn } from '../../services/ledger/sealing/log.ts';

const keyIn = async (dir: string) => {
  const key = parseVerifierKey(
    Buffer.from((await openDisk(dir).read('verifier-key')) ?? '')
      .toString()
      .trim(),
  );
  if (!key.ok) throw new Error(key.message);
  return key.value;
};

/** All checkpoints that were ever given out are of one log that only grew. */
export async function agree(dir: string, notes: readonly string[]): Promise<void> {
  const key = await keyIn(dir);
  const readTile = tilesOn(openDisk(dir));
  const read = notes.map((note) => {
    const opened = openCheckpoint(note, key.name, [key]);
    if (!opened.ok) throw new Error(opened.message);
    return opened.value.checkpoint;
  });
  for (const [at, to] of read.entries()) {
    const from = read[at - 1];
    if (from === undefined) continue;
    const proof = await consistencyProof(from.size, to.size, readTile);
    if (!proof.ok) throw new Error(proof.message);
    const [sizes, roots] = [
      { from: from.size, to: to.size },
      { fromRoot: from.root, toRoot: to.root },
    ];
    expect(verifyConsistency({ ...sizes, ...roots, proof: proof.value })).toEqual({ ok: true });
  }
}
