import {
  type Consistency,
  consistencyProof,
  emptyRoot,
  leafHash,
  verifyConsistency,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { changedProofs, flipped, isSameProof, withBit } from './changed.ts';
import { LogInMemory, NaiveTree } from './log-in-memory.ts';
import { bytes, CONSISTENCY, INPUTS, ROOTS } from './reference.ts';

const some = bytes('abacaba000000000000000000000000000000000000000000060061e00123456');
const root = (size: number) => ROOTS[size] ?? some;

describe("the reference tree's consistency proofs", () => {
  test.each(CONSISTENCY)('from $from to $to are made and verify', async ({ from, to, proof }) => {
    const log = new LogInMemory();
    log.growBy(INPUTS.slice(0, to).map(leafHash));
    expect(await consistencyProof(from, to, log.readTile)).toEqual({ ok: true, value: proof });
    const claim = { from, to, fromRoot: root(from), toRoot: root(to), proof };
    expect(verifyConsistency(claim)).toEqual({ ok: true });
  });

  // The probes of the reference's own test, proof/verify_test.go.
  test.each(CONSISTENCY.filter(({ proof }) => proof.length > 0))(
    'from $from to $to verify with nothing else',
    ({ from, to, proof }) => {
      const claim = { from, to, fromRoot: root(from), toRoot: root(to), proof };
      const wrongRoot = new TextEncoder().encode('WrongRoot');
      const wrong: Consistency[] = [
        { ...claim, from: from - 1 },
        { ...claim, from: from + 1 },
        { ...claim, from: from ^ 2 },
        { ...claim, to: to * 2 },
        { ...claim, to: Math.floor(to / 2) },
        { ...claim, fromRoot: wrongRoot },
        { ...claim, toRoot: wrongRoot },
        { ...claim, fromRoot: claim.toRoot, toRoot: claim.fromRoot },
        { ...claim, proof: [] },
        ...changedProofs(proof, [claim.fromRoot, claim.toRoot]).map((changed) => ({
          ...claim,
          proof: changed,
        })),
      ];
      for (const one of wrong) expect(verifyConsistency(one)).toMatchObject({ ok: false });
    },
  );
});

describe('a consistency proof that fails says why', () => {
  const claim = { from: 6, to: 8, fromRoot: root(6), toRoot: root(8), proof: CONSISTENCY[2]?.proof ?? [] };

  test.each([
    ['another older root', { fromRoot: some }, 'from_root_mismatch'],
    ['another newer root', { toRoot: some }, 'to_root_mismatch'],
    ['time that runs backwards', { from: 8, to: 6 }, 'sizes_reversed'],
    ['no proof', { proof: [] }, 'proof_length'],
    ['no proof from a perfect tree', { from: 4, fromRoot: root(4), proof: [] }, 'proof_length'],
    ['a hash too few', { proof: claim.proof.slice(0, -1) }, 'proof_length'],
    ['a hash too many', { proof: [...claim.proof, some] }, 'proof_length'],
    ['a proof where none is needed', { from: 8, fromRoot: root(8) }, 'proof_length'],
    ['a proof from the empty tree', { from: 0, fromRoot: root(0) }, 'proof_length'],
    ['two roots of one size', { from: 8, fromRoot: some, proof: [] }, 'to_root_mismatch'],
    ['an empty tree with a root', { from: 0, fromRoot: some, proof: [] }, 'from_root_mismatch'],
    ['a hash of 31 bytes', { proof: [some.subarray(1)] }, 'hash_malformed'],
    ['a negative size', { from: -1 }, 'size_invalid'],
    ['a size beyond 2^53', { to: 2 ** 53 }, 'size_invalid'],
  ])('%s', (_title, change, code) => {
    expect(verifyConsistency(claim)).toEqual({ ok: true });
    expect(verifyConsistency({ ...claim, ...change })).toMatchObject({ ok: false, code });
  });

  test('nothing has to be proven from the empty tree, nor to the same one', () => {
    const nothing = { proof: [] };
    for (const same of [
      { from: 0, to: 0, fromRoot: emptyRoot(), toRoot: emptyRoot(), ...nothing },
      { from: 0, to: 8, fromRoot: emptyRoot(), toRoot: root(8), ...nothing },
      { from: 8, to: 8, fromRoot: root(8), toRoot: root(8), ...nothing },
    ]) {
      expect(verifyConsistency(same)).toEqual({ ok: true });
    }
  });
});

describe('the consistency proofs of any tree', () => {
  let log: LogInMemory;
  let naive: NaiveTree;

  beforeAll(() => {
    log = new LogInMemory();
    log.grow(66_000);
    naive = new NaiveTree(log.leaves);
  });

  const claimed = async (from: number, to: number): Promise<Consistency> => {
    const proof = await consistencyProof(from, to, log.readWider);
    expect.assert(proof.ok);
    return { from, to, fromRoot: naive.root(0, from), toRoot: naive.root(0, to), proof: proof.value };
  };

  test('are those of section 2.1.2, for all pairs of sizes up to 70, and verify', async () => {
    const wrong: Consistency[] = [];
    for (let to = 1; to <= 70; to++) {
      for (let from = 1; from <= to; from++) {
        const claim = await claimed(from, to);
        const proof = naive.subproof(from, 0, to, true);
        if (!isSameProof(claim.proof, proof) || !verifyConsistency(claim).ok) wrong.push(claim);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('are those of section 2.1.2 where tiles end and begin, and verify', async () => {
    const edges = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793];
    for (const [at, to] of edges.entries()) {
      for (const from of edges.slice(0, at + 1)) {
        const claim = await claimed(from, to);
        expect(claim.proof).toEqual(naive.subproof(from, 0, to, true));
        expect(verifyConsistency(claim)).toEqual({ ok: true });
      }
    }
  });

  const grown = fc
    .integer({ min: 2, max: 66_000 })
    .chain((to) => fc.record({ to: fc.constant(to), from: fc.integer({ min: 1, max: to - 1 }) }));

  test('verify, and for no other two checkpoints of the same log', async () => {
    await fc.assert(
      fc.asyncProperty(grown, fc.integer({ min: 1, max: 66_000 }), async ({ from, to }, other) => {
        const claim = await claimed(from, to);
        expect(claim.proof).toEqual(naive.subproof(from, 0, to, true));
        expect(verifyConsistency(claim)).toEqual({ ok: true });
        for (const wrong of [other, from - 1, from + 1, to - 1, to + 1]) {
          if (wrong === 0 || wrong > 66_000) continue;
          const wrongRoot = naive.root(0, wrong);
          const older = { ...claim, from: wrong, fromRoot: wrongRoot };
          const newer = { ...claim, to: wrong, toRoot: wrongRoot };
          if (wrong !== from) expect(verifyConsistency(older)).toMatchObject({ ok: false });
          if (wrong !== to) expect(verifyConsistency(newer)).toMatchObject({ ok: false });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('verify with none of their bits changed, nor one of either root', async () => {
    await fc.assert(
      fc.asyncProperty(grown, async ({ from, to }) => {
        const claim = await claimed(from, to);
        const { fromRoot, toRoot } = claim;
        const changed = Array.from({ length: 256 }, (_, bit) => [
          { ...claim, fromRoot: flipped(fromRoot, bit) },
          { ...claim, toRoot: flipped(toRoot, bit) },
          ...withBit(claim.proof, bit).map((proof) => ({ ...claim, proof })),
        ]).flat();
        expect(changed.filter((one) => verifyConsistency(one).ok)).toEqual([]);
        expect(changed).toHaveLength(256 * (2 + claim.proof.length));
      }),
      { numRuns: 5 },
    );
  });

  // A fork: the first entries are the same, then each has its own.
  test('join no two logs that differ in an entry', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.nat(700), fc.nat(), async (from, more, seed) => {
        const to = from + more;
        const forged = log.leaves.slice(0, to);
        forged[seed % from] = leafHash(new TextEncoder().encode('what never was'));
        const fork = new LogInMemory();
        fork.growBy(forged);
        const proof = await consistencyProof(from, to, fork.readTile);
        expect.assert(proof.ok);
        const toRoot = new NaiveTree(forged).root(0, to);
        const claim = { from, to, fromRoot: naive.root(0, from), toRoot, proof: proof.value };
        expect(verifyConsistency(claim)).toMatchObject({ ok: false });
      }),
      { numRuns: 50 },
    );
  });

  test('are asked for between sizes of which the second is not smaller', async () => {
    await expect(consistencyProof(2, 1, log.readTile)).rejects.toThrow(RangeError);
    await expect(consistencyProof(-1, 1, log.readTile)).rejects.toThrow(RangeError);
    await expect(consistencyProof(1, 1.5, log.readTile)).rejects.toThrow(RangeError);
    expect(await consistencyProof(0, 300, log.readTile)).toEqual({ ok: true, value: [] });
  });
});
