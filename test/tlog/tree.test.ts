import {
  append,
  EMPTY_TREE,
  edgeTiles,
  emptyRoot,
  leafHash,
  restoreTree,
  rootOf,
  sameHash,
  tilePath,
  tileWidth,
  treeRoot,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogInMemory, logOfEverySize, NaiveTree } from './log-in-memory.ts';
import { INPUTS, ROOTS } from './reference.ts';

describe('a tree has the root that RFC 6962 gives it', () => {
  test("the reference tree's, at every size", () => {
    const leaves = INPUTS.map(leafHash);
    const roots = ROOTS.map((_, size) => treeRoot(append(EMPTY_TREE, leaves.slice(0, size)).tree));
    expect(roots).toEqual(ROOTS);
  });

  test('the empty tree: SHA-256 of nothing', async () => {
    expect(treeRoot(EMPTY_TREE)).toEqual(emptyRoot());
    expect(emptyRoot()).toEqual(ROOTS[0]);
    expect(await rootOf(0, async () => undefined)).toEqual({ ok: true, value: emptyRoot() });
  });

  test('at every size up to 3000, from the stored tiles alone, as the recursion of section 2.1', async () => {
    const log = logOfEverySize(3000);
    const naive = new NaiveTree(log.leaves);
    const sizes = Array.from({ length: 3000 }, (_, at) => at + 1);
    const roots = await Promise.all(sizes.map((size) => rootOf(size, log.readTile)));
    const wrong = sizes.filter((size, at) => {
      const root = roots[at];
      return !root?.ok || !sameHash(root.value, naive.root(0, size));
    });
    expect(wrong).toEqual([]);
  });

  test('with three levels of tiles', async () => {
    const log = new LogInMemory();
    for (const count of [65_535, 1, 1, 4463]) log.grow(count);
    const naive = new NaiveTree(log.leaves);
    for (const size of [65_535, 65_536, 65_537, 70_000]) {
      expect(await rootOf(size, log.readTile)).toEqual({ ok: true, value: naive.root(0, size) });
    }
  });
});

describe('appending', () => {
  const batches = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 });

  test('in batches of any size comes to the same tree and the same full tiles', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (counts) => {
        const log = new LogInMemory();
        for (const count of counts) log.grow(count);
        const atOnce = append(EMPTY_TREE, log.leaves);
        expect(log.tree).toEqual(atOnce.tree);
        for (const tile of atOnce.tiles) expect(log.files.get(tilePath(tile))).toEqual(tile.bytes);
      }),
      { numRuns: 25 },
    );
  });

  test('stores all that the new size needs, so that the tree is restored from its right edge', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (counts) => {
        const log = new LogInMemory();
        for (const count of counts) {
          log.grow(count);
          log.read.length = 0;
          expect(await restoreTree(log.tree.size, log.readTile)).toEqual({ ok: true, value: log.tree });
          expect(log.read).toEqual(edgeTiles(log.tree.size).map(tilePath));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('gives the tiles that changed, and no others', () => {
    const paths = (from: number, count: number) => {
      const log = new LogInMemory();
      log.grow(from);
      const added = Array.from({ length: count }, () => emptyRoot());
      return append(log.tree, added).tiles.map(tilePath);
    };
    expect(paths(0, 0)).toEqual([]);
    expect(paths(300, 0)).toEqual([]);
    expect(paths(0, 1)).toEqual(['tile/0/000.p/1']);
    expect(paths(255, 1)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect(paths(256, 1)).toEqual(['tile/0/001.p/1']);
    expect(paths(300, 300)).toEqual(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2']);
    expect(paths(65_535, 2)).toEqual(['tile/0/255', 'tile/0/256.p/1', 'tile/1/000', 'tile/2/000.p/1']);
  });

  test('leaves the tree of before as it was', () => {
    const before = append(EMPTY_TREE, INPUTS.map(leafHash)).tree;
    const root = treeRoot(before);
    append(before, [emptyRoot()]);
    expect(treeRoot(before)).toEqual(root);
    expect(before.size).toBe(8);
  });

  test('does not go beyond what a number can count', () => {
    const huge = { size: Number.MAX_SAFE_INTEGER, edge: [] };
    expect(() => append(huge, [emptyRoot()])).toThrow(RangeError);
  });
});

describe('tlog-tiles says which tiles a tree has', () => {
  test('its example of 70,000 entries', () => {
    expect(edgeTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(tileWidth(70_000, 0, 272)).toBe(256);
    expect(tileWidth(70_000, 0, 274)).toBe(0);
    expect(tileWidth(70_000, 1, 0)).toBe(256);
    expect(tileWidth(70_000, 1, 1)).toBe(17);
    expect(tileWidth(70_000, 3, 0)).toBe(0);
  });

  test('its example of 256 entries: a full tile below, one hash above', () => {
    expect(edgeTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(tileWidth(256, 0, 0)).toBe(256);
  });
});

describe('tiles that do not serve are told', () => {
  test.each([
    ['a missing one', undefined, 'tile_missing', 'tile/0/001.p/44 is not there.'],
    [
      'one that is too short',
      new Uint8Array(43 * 32),
      'tile_malformed',
      'tile/0/001.p/44: The tile has 1376 bytes; 44 hashes are 1408.',
    ],
    [
      'one that is too long',
      new Uint8Array(44 * 32 + 1),
      'tile_malformed',
      'tile/0/001.p/44: The tile has 1409 bytes; 44 hashes are 1408.',
    ],
  ])('%s', async (_title, bytes, code, message) => {
    const log = new LogInMemory();
    log.grow(300);
    const read = await rootOf(300, async (level, index, width) =>
      level === 0 ? bytes : log.readTile(level, index, width),
    );
    expect(read).toEqual({ ok: false, code, message });
  });

  test('an outage is no fault of a tile', async () => {
    const down = rootOf(1, () => Promise.reject(new Error('the disk is gone')));
    await expect(down).rejects.toThrow('the disk is gone');
  });
});
