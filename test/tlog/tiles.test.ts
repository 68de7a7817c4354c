import {
  decodeBundle,
  decodeTile,
  encodeBundle,
  encodeTile,
  leafHash,
  MAX_ENTRY_BYTES,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });

describe('a tile', () => {
  test('is its hashes, one after the other', () => {
    fc.assert(
      fc.property(fc.array(hash, { minLength: 1, maxLength: 256 }), (hashes) => {
        const tile = encodeTile(hashes);
        expect(Buffer.from(tile)).toEqual(Buffer.concat(hashes));
        const decoded = decodeTile(tile, hashes.length);
        expect.assert(decoded.ok);
        expect(decoded.value).toEqual(hashes.map((one) => Buffer.from(one)));
      }),
    );
  });

  test('has at least one hash and at most 256, of 32 bytes', () => {
    const one = leafHash(Uint8Array.of());
    expect(() => encodeTile([])).toThrow(RangeError);
    expect(() => encodeTile(Array(257).fill(one))).toThrow(RangeError);
    expect(() => encodeTile([one.subarray(1)])).toThrow(RangeError);
    expect(encodeTile(Array(256).fill(one))).toHaveLength(8192);
  });
});

describe('an entry bundle', () => {
  test('has before each entry its length, big-endian in two bytes', () => {
    const bundle = encodeBundle([Uint8Array.of(7), Uint8Array.of(), new Uint8Array(258)]);
    expect.assert(bundle.ok);
    expect(Buffer.from(bundle.value).toString('hex')).toBe(`000107${'0000'}0102${'00'.repeat(258)}`);
  });

  test('gives back the entries that went in, also from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(entries, fc.nat(9), (all, offset) => {
        const bundle = encodeBundle(all);
        expect.assert(bundle.ok);
        const within = Buffer.concat([new Uint8Array(offset), bundle.value, new Uint8Array(3)]);
        const view = within.subarray(offset, offset + bundle.value.length);
        const decoded = decodeBundle(view, all.length);
        expect.assert(decoded.ok);
        expect(decoded.value.map((one) => Buffer.from(one))).toEqual(all.map((one) => Buffer.from(one)));
      }),
      { numRuns: 50 },
    );
  });

  test('takes an entry of 65,535 bytes and refuses a larger one, encoding nothing', () => {
    const largest = new Uint8Array(MAX_ENTRY_BYTES).fill(1);
    const bundle = encodeBundle([largest]);
    expect.assert(bundle.ok);
    expect(decodeBundle(bundle.value, 1)).toEqual({ ok: true, value: [Buffer.from(largest)] });
    expect(encodeBundle([Uint8Array.of(), new Uint8Array(65_536)])).toEqual({
      ok: false,
      code: 'entry_too_large',
      message: 'Entry 1 of the bundle has 65536 bytes; 65535 is the most.',
    });
  });

  test.each([
    ['nothing at all', '', 1, 'holds 0 entries instead of 1'],
    ['half a length', '00', 1, 'ends inside its entry 0'],
    ['half an entry', '000107000201', 2, 'ends inside its entry 1'],
    ['an entry too few', '000107', 2, 'holds 1 entries instead of 2'],
    ['an entry too many', '000107000108', 1, 'goes on for 3 bytes'],
    ['a stray byte', '00010700', 1, 'goes on for 1 bytes'],
  ])('of %s is malformed', (_title, hex, width, named) => {
    const decoded = decodeBundle(Buffer.from(hex, 'hex'), width);
    expect(decoded).toMatchObject({ ok: false, code: 'bundle_malformed' });
    expect(decoded).toHaveProperty('message', expect.stringContaining(named));
  });

  test('cut anywhere is malformed', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (all, cut) => {
        const bundle = encodeBundle(all);
        expect.assert(bundle.ok);
        const part = bundle.value.subarray(0, cut % bundle.value.length);
        expect(decodeBundle(part, all.length)).toMatchObject({ ok: false, code: 'bundle_malformed' });
      }),
    );
  });
});
