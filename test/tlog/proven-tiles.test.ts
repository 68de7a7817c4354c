import {
  inclusionProof,
  leafHash,
  provenTiles,
  type ReadTile,
  rootOf,
  tilePath,
  treeRoot,
  verifyInclusion,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { flipped } from './changed.ts';
import { entry, LogInMemory } from './log-in-memory.ts';

const SIZE = 66_000;
let log: LogInMemory;
let root: Uint8Array;

beforeAll(() => {
  log = new LogInMemory();
  log.grow(SIZE);
  root = treeRoot(log.tree);
});

/** The log as a place gives it that has changed one tile. */
const changing =
  (path: string, change: (bytes: Uint8Array) => Uint8Array | undefined): ReadTile =>
  async (level, index, width) => {
    const read = await log.readTile(level, index, width);
    return read instanceof Uint8Array && tilePath({ level, index, width }) === path ? change(read) : read;
  };

describe('tiles from a place that nobody has to trust', () => {
  test('are given as they are when they lead to the root', async () => {
    const proven = await provenTiles(SIZE, root, log.readTile);
    expect.assert(proven.ok);
    for (const [level, index, width] of [
      [0, 0, 256],
      [0, 255, 256],
      [0, 257, 208],
      [1, 0, 256],
      [2, 0, 1],
    ] as const) {
      const stored = log.files.get(tilePath({ level, index, width })) ?? Uint8Array.of();
      expect(Buffer.from(stored)).toEqual(await proven.value(level, index, width));
    }
  });

  test('are named when they do not', async () => {
    const full = fc.constantFrom(...[...log.files.keys()].filter((path) => !path.includes('.p/')));
    await fc.assert(
      fc.asyncProperty(full, fc.nat(8192 * 8 - 1), async (path, bit) => {
        const proven = await provenTiles(
          SIZE,
          root,
          changing(path, (bytes) => flipped(bytes, bit)),
        );
        expect.assert(proven.ok);
        const [, level = '', index = ''] = /^tile\/(\d)\/(\d{3})$/.exec(path) ?? [];
        expect(await proven.value(Number(level), Number(index), 256)).toEqual({
          ok: false,
          code: 'tile_mismatch',
          message: `${path} does not lead to the root of the tree of 66000 entries.`,
        });
      }),
      { numRuns: 30 },
    );
  });

  test('are not believed at the right edge, where the root is what vouches for them', async () => {
    for (const path of ['tile/0/257.p/208', 'tile/1/001.p/1', 'tile/2/000.p/1']) {
      expect(
        await provenTiles(
          SIZE,
          root,
          changing(path, (bytes) => flipped(bytes, 5)),
        ),
      ).toEqual({
        ok: false,
        code: 'tile_mismatch',
        message:
          'The root of 66000 entries does not follow from the tiles at its right edge: ' +
          'tile/0/257.p/208, tile/1/001.p/1, tile/2/000.p/1.',
      });
    }
    expect(await provenTiles(0, root, log.readTile)).toMatchObject({ ok: false, code: 'tile_mismatch' });
  });

  test('are told apart where they are missing or cut', async () => {
    const missing = await provenTiles(
      SIZE,
      root,
      changing('tile/0/007', () => undefined),
    );
    const cut = await provenTiles(
      SIZE,
      root,
      changing('tile/0/007', (bytes) => bytes.subarray(32)),
    );
    expect.assert(missing.ok && cut.ok);
    expect(await missing.value(0, 7, 256)).toMatchObject({ ok: false, code: 'tile_missing' });
    expect(await cut.value(0, 7, 256)).toMatchObject({ ok: false, code: 'tile_malformed' });
    const edge = await provenTiles(
      SIZE,
      root,
      changing('tile/0/257.p/208', () => undefined),
    );
    expect(edge).toMatchObject({ ok: false, code: 'tile_missing' });
  });

  test('below a tile that is wrong are not to be proven, and it is that one that is named', async () => {
    const proven = await provenTiles(
      SIZE,
      root,
      changing('tile/1/000', (bytes) => flipped(bytes, 0)),
    );
    expect.assert(proven.ok);
    const read = await proven.value(0, 3, 256);
    expect(read).toMatchObject({
      ok: false,
      code: 'tile_mismatch',
      message: expect.stringMatching(/^tile\/1\/000 /),
    });
    const last = await proven.value(0, 257, 208);
    expect(last).toBeInstanceOf(Uint8Array);
  });

  test('serve smaller trees, whose roots and proofs are then proven too', async () => {
    const proven = await provenTiles(SIZE, root, log.readTile);
    expect.assert(proven.ok);
    for (const size of [1, 255, 256, 300, 65_536, 65_900, SIZE]) {
      const smaller = new LogInMemory();
      smaller.growBy(log.leaves.slice(0, size));
      const value = treeRoot(smaller.tree);
      expect(await rootOf(size, proven.value)).toEqual({ ok: true, value });
      const proof = await inclusionProof(size - 1, size, proven.value);
      expect.assert(proof.ok);
      const leaf = leafHash(entry(size - 1));
      expect(verifyInclusion({ index: size - 1, size, leaf, root: value, proof: proof.value })).toEqual({
        ok: true,
      });
    }
  });

  test('are read for each question but those above, which are remembered', async () => {
    const proven = await provenTiles(SIZE, root, log.readTile);
    expect.assert(proven.ok);
    log.read.length = 0;
    for (const index of [1, 2, 3, 255]) await proven.value(0, index, 256);
    expect(log.read.toSorted()).toEqual([
      'tile/0/001',
      'tile/0/002',
      'tile/0/003',
      'tile/0/255',
      'tile/1/000',
    ]);
  });

  test('are read again after an outage, and after a fault', async () => {
    let answer: () => ReturnType<ReadTile> = () => Promise.reject(new Error('the line is cut'));
    const proven = await provenTiles(SIZE, root, (level, index, width) =>
      level === 1 && index === 0 ? answer() : log.readTile(level, index, width),
    );
    expect.assert(proven.ok);
    await expect(proven.value(0, 3, 256)).rejects.toThrow('the line is cut');
    answer = async () => undefined;
    expect(await proven.value(0, 3, 256)).toMatchObject({ ok: false, code: 'tile_missing' });
    answer = () => log.readTile(1, 0, 256);
    expect(await proven.value(0, 3, 256)).toBeInstanceOf(Uint8Array);
  });

  test('are asked for inside the tree', async () => {
    const proven = await provenTiles(SIZE, root, log.readTile);
    expect.assert(proven.ok);
    await expect(proven.value(0, 257, 256)).rejects.toThrow(RangeError);
    await expect(proven.value(0, 258, 1)).rejects.toThrow(RangeError);
    await expect(proven.value(3, 0, 1)).rejects.toThrow(RangeError);
  });
});
