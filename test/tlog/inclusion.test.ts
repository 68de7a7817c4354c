import { type Inclusion, inclusionProof, leafHash, verifyInclusion } from '@countersign/shared/tlog';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { changedProofs, flipped, isSameProof, withBit } from './changed.ts';
import { entry, LogInMemory, NaiveTree } from './log-in-memory.ts';
import { bytes, INCLUSION, INPUTS, ROOTS } from './reference.ts';

const some = bytes('abacaba000000000000000000000000000000000000000000060061e00123456');
const root = (size: number) => ROOTS[size] ?? some;

describe("the reference tree's inclusion proofs", () => {
  test.each(INCLUSION)('of $index in $size are made and verify', async ({ index, size, proof }) => {
    const log = new LogInMemory();
    log.growBy(INPUTS.slice(0, size).map(leafHash));
    expect(await inclusionProof(index, size, log.readTile)).toEqual({ ok: true, value: proof });
    const leaf = leafHash(INPUTS[index] ?? some);
    expect(verifyInclusion({ index, size, leaf, root: root(size), proof })).toEqual({ ok: true });
  });

  // The probes of the reference's own test, proof/verify_test.go.
  test.each(INCLUSION)('of $index in $size verify with nothing else', ({ index, size, proof }) => {
    const claim = { index, size, leaf: leafHash(INPUTS[index] ?? some), root: root(size), proof };
    const wrong: Inclusion[] = [
      { ...claim, index: index - 1 },
      { ...claim, index: index + 1 },
      { ...claim, index: index ^ 2 },
      { ...claim, size: size * 2 },
      { ...claim, size: Math.floor(size / 2) },
      { ...claim, leaf: new TextEncoder().encode('WrongLeaf') },
      { ...claim, root: root(0) },
      { ...claim, root: some },
      ...changedProofs(proof, [claim.root, some]).map((changed) => ({ ...claim, proof: changed })),
    ];
    for (const one of wrong) expect(verifyInclusion(one)).toMatchObject({ ok: false });
  });
});

describe('an inclusion proof that fails says why', () => {
  const claim = { index: 2, size: 3, leaf: leafHash(INPUTS[2] ?? some), root: root(3), proof: [root(2)] };

  test.each([
    ['another entry', { leaf: some }, 'root_mismatch'],
    ['another root', { root: some }, 'root_mismatch'],
    ['an index past the end', { index: 3 }, 'index_outside'],
    ['a tree without entries', { size: 0, index: 0 }, 'index_outside'],
    ['a hash too few', { proof: [] }, 'proof_length'],
    ['a hash too many', { proof: [root(2), some] }, 'proof_length'],
    ['a hash of 31 bytes', { proof: [some.subarray(1)] }, 'hash_malformed'],
    ['a leaf that is no hash', { leaf: Uint8Array.of() }, 'hash_malformed'],
    ['a root that is no hash', { root: Uint8Array.of() }, 'hash_malformed'],
    ['a negative index', { index: -1 }, 'size_invalid'],
    ['half an index', { index: 0.5 }, 'size_invalid'],
    ['a size beyond 2^53', { size: 2 ** 53 }, 'size_invalid'],
    ['a size that is no number', { size: Number.NaN }, 'size_invalid'],
  ])('%s', (_title, change, code) => {
    expect(verifyInclusion(claim)).toEqual({ ok: true });
    const result = verifyInclusion({ ...claim, ...change });
    expect(result).toMatchObject({ ok: false, code });
  });
});

describe('the inclusion proofs of any tree', () => {
  let log: LogInMemory;
  let naive: NaiveTree;

  beforeAll(() => {
    log = new LogInMemory();
    log.grow(66_000);
    naive = new NaiveTree(log.leaves);
  });

  const made = async (index: number, size: number) => {
    const proof = await inclusionProof(index, size, log.readWider);
    expect.assert(proof.ok);
    return proof.value;
  };
  const claimed = async (index: number, size: number): Promise<Inclusion> => ({
    index,
    size,
    leaf: leafHash(entry(index)),
    root: naive.root(0, size),
    proof: await made(index, size),
  });

  test('are those of section 2.1.1, for every index of every size up to 70, and verify', async () => {
    const wrong: Inclusion[] = [];
    for (let size = 1; size <= 70; size++) {
      for (let index = 0; index < size; index++) {
        const claim = await claimed(index, size);
        if (!isSameProof(claim.proof, naive.path(index, 0, size)) || !verifyInclusion(claim).ok)
          wrong.push(claim);
      }
    }
    expect(wrong).toEqual([]);
  });

  const place = fc
    .integer({ min: 1, max: 66_000 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));

  test('are those of section 2.1.1 where tiles end and begin, and verify', async () => {
    const edges = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793];
    for (const size of edges) {
      for (const index of [...edges.filter((at) => at < size), 0, size - 1]) {
        const claim = await claimed(index, size);
        expect(claim.proof).toEqual(naive.path(index, 0, size));
        expect(verifyInclusion(claim)).toEqual({ ok: true });
      }
    }
  });

  test('verify wherever the entry stands, and with no other index', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(66_000), async ({ index, size }, other) => {
        const claim = await claimed(index, size);
        expect(claim.proof).toEqual(naive.path(index, 0, size));
        expect(verifyInclusion(claim)).toEqual({ ok: true });
        for (const wrong of [other, index - 1, index + 1, index ^ 1, index ^ 256]) {
          if (wrong !== index)
            expect(verifyInclusion({ ...claim, index: wrong })).toMatchObject({ ok: false });
        }
      }),
      { numRuns: 200 },
    );
  });

  // Of the checkpoint both size and root are signed, so that a size never comes with another's root.
  test('verify under no other checkpoint', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 66_000 }), async ({ index, size }, other) => {
        const claim = await claimed(index, size);
        for (const wrong of [other, size - 1, size + 1]) {
          if (wrong === size || wrong === 0 || wrong > 66_000) continue;
          const under = { ...claim, size: wrong, root: naive.root(0, wrong) };
          expect(verifyInclusion(under)).toMatchObject({ ok: false });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('verify with none of their bits changed, nor one of the leaf or the root', async () => {
    await fc.assert(
      fc.asyncProperty(place, async ({ index, size }) => {
        const claim = await claimed(index, size);
        const changed = Array.from({ length: 256 }, (_, bit) => [
          { ...claim, leaf: flipped(claim.leaf, bit) },
          { ...claim, root: flipped(claim.root, bit) },
          ...withBit(claim.proof, bit).map((proof) => ({ ...claim, proof })),
        ]).flat();
        expect(changed.filter((one) => verifyInclusion(one).ok)).toEqual([]);
        expect(changed).toHaveLength(256 * (2 + claim.proof.length));
      }),
      { numRuns: 5 },
    );
  });

  test('need few tiles, each read once', async () => {
    log.read.length = 0;
    await made(40_000, 66_000);
    expect(log.read.toSorted()).toEqual(['tile/0/156', 'tile/0/257.p/208', 'tile/1/000', 'tile/1/001.p/1']);
  });

  test('are asked for an entry that the tree has', async () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, 2 ** 53],
    ] as const) {
      await expect(inclusionProof(index, size, log.readTile)).rejects.toThrow(RangeError);
    }
  });

  test('are not made from tiles that are not there', async () => {
    const proof = await inclusionProof(3, 66_000, async () => undefined);
    expect(proof).toMatchObject({ ok: false, code: 'tile_missing' });
  });
});
