import { bundlePath, parseTilePath, tilePath } from '@countersign/shared/tlog';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('paths are those of C2SP tlog-tiles', () => {
  test.each([
    // The index of the specification's own example.
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 0, index: 1_234_067, width: 8 }, 'tile/0/x001/x234/067.p/8'],
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 1, index: 42, width: 17 }, 'tile/1/042.p/17'],
    [{ level: 63, index: 999, width: 255 }, 'tile/63/999.p/255'],
    [{ level: 2, index: 1000, width: 256 }, 'tile/2/x001/000'],
    [{ level: 0, index: Number.MAX_SAFE_INTEGER, width: 1 }, 'tile/0/x009/x007/x199/x254/x740/991.p/1'],
  ])('%o', (name, path) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual({ ok: true, value: { kind: 'tile', ...name } });

    const { index, width } = name;
    const entries = path.replace(/^tile\/\d+/, 'tile/entries');
    expect(bundlePath(name)).toBe(entries);
    expect(parseTilePath(entries)).toEqual({ ok: true, value: { kind: 'entries', index, width } });
  });

  test('every name is read back from its path', () => {
    const name = fc.record({
      level: fc.integer({ min: 0, max: 63 }),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(name, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual({ ok: true, value: { kind: 'tile', ...tile } });
      }),
    );
  });
});

describe('a path has one spelling', () => {
  test.each([
    '',
    'checkpoint',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/1234',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/8/0/000',
    'tile/data/000',
    'tile/0/x000',
    'tile/0/x000/154',
    'tile/0/x000/x001/154',
    'tile/0/123/456/078',
    'tile/0/x12/345',
    'tile/0/X001/234',
    'tile/0/x001/234/',
    'tile/0/000.p/0',
    'tile/0/000.p/08',
    'tile/0/000.p/256',
    'tile/0/000.p/257',
    'tile/0/000.p/',
    'tile/0/000.p/1.p/1',
    'tile/0/000/../001',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/٠٠٠',
    'tile/entries/00',
    'tile/entries/000.p/256',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/x999/x999/999',
  ])('%j is none', (path) => {
    expect(parseTilePath(path)).toMatchObject({ ok: false, code: 'not_a_tile_path' });
  });

  test('what no tile has gets no path', () => {
    for (const name of [
      { level: 64, index: 0, width: 1 },
      { level: 0.5, index: 0, width: 1 },
      { level: 0, index: -1, width: 1 },
      { level: 0, index: 2 ** 53, width: 1 },
      { level: 0, index: 0, width: 0 },
      { level: 0, index: 0, width: 257 },
    ]) {
      expect(() => tilePath(name)).toThrow(RangeError);
    }
  });
});
