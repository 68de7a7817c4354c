/** Our writer and proofs against a verifier that shares nothing with them but the page docs/audit-format.md. */
import {
  encodeBundle,
  inclusionProof,
  leafHash,
  printProof,
  printVerifierKey,
  signCheckpoint,
  signerKey,
  treeRoot,
  verifyProof,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { importsOf } from '../support/sources.ts';
import { flipped } from './changed.ts';
import { entry, LogInMemory } from './log-in-memory.ts';
import { verifyLog, verifyProofFile } from './stranger.ts';

const ORIGIN = 'example.com/log';
const key = signerKey(ORIGIN, new Uint8Array(32).fill(1));
const verifierKey = printVerifierKey(key);

/** A log as it lies in a directory, bundles and checkpoint included. */
function sealed(size: number, entryAt = entry): { log: LogInMemory; files: Map<string, Uint8Array> } {
  const log = new LogInMemory();
  log.growBy(Array.from({ length: size }, (_, index) => leafHash(entryAt(index))));
  const files = new Map(log.files);
  for (let start = 0; start < size; start += 256) {
    const width = Math.min(256, size - start);
    const bundle = encodeBundle(Array.from({ length: width }, (_, at) => entryAt(start + at)));
    expect.assert(bundle.ok);
    const index = String(start / 256).padStart(3, '0');
    files.set(`tile/entries/${index}${width === 256 ? '' : `.p/${width}`}`, bundle.value);
  }
  files.set('checkpoint', Buffer.from(checkpointOf(log)));
  return { log, files };
}

function checkpointOf(log: LogInMemory): string {
  const extensions = ['time 2026-01-02T03:04:05.678Z'];
  const checkpoint = { origin: ORIGIN, size: log.tree.size, root: treeRoot(log.tree), extensions };
  return signCheckpoint(checkpoint, [key]);
}

const verified = (files: ReadonlyMap<string, Uint8Array>) =>
  verifyLog((path) => files.get(path), verifierKey);

test('the stranger has none of our code', () => {
  expect(importsOf('test/tlog/stranger.ts')).toEqual(['node:crypto']);
});

test.each([0, 1, 2, 255, 256, 257, 512, 1000, 65_535, 65_536, 65_793])(
  'a log of %i entries verifies',
  (size) => {
    const { log, files } = sealed(size);
    const root = Buffer.from(treeRoot(log.tree)).toString('hex');
    expect(verified(files)).toEqual({ ok: true, size, root });
  },
);

describe('a log that was changed is refused, by name', () => {
  let log: LogInMemory;
  let files: Map<string, Uint8Array>;

  beforeAll(() => {
    ({ log, files } = sealed(700));
  });

  const changed = (path: string, bytes: Uint8Array) => new Map(files).set(path, bytes);
  const other = (at: number, instead: (index: number) => Uint8Array) =>
    sealed(700, (index) => (index === at ? instead(index) : entry(index))).files;
  const bundle = (from: Map<string, Uint8Array>, index: string) =>
    changed(`tile/entries/${index}`, from.get(`tile/entries/${index}`) ?? Uint8Array.of());

  test('an entry that was edited', () => {
    const edited = other(300, () => new TextEncoder().encode('what never was'));
    expect(verified(bundle(edited, '001'))).toEqual({ ok: false, step: 5, what: 'entry 300' });
  });

  test('two entries that were swapped', () => {
    const swapped = sealed(700, (index) => entry(index === 10 ? 11 : index === 11 ? 10 : index)).files;
    expect(verified(bundle(swapped, '000'))).toEqual({ ok: false, step: 5, what: 'entry 10' });
  });

  test('an entry that was deleted', () => {
    const without = sealed(700, (index) => entry(index < 20 ? index : index + 1)).files;
    expect(verified(bundle(without, '000'))).toEqual({ ok: false, step: 5, what: 'entry 20' });
  });

  test('an edit with the tiles to go with it', () => {
    const { files: edited } = { files: other(300, () => new TextEncoder().encode('what never was')) };
    const forged = new Map(edited).set('checkpoint', files.get('checkpoint') ?? Uint8Array.of());
    expect(verified(forged)).toMatchObject({ ok: false, step: 4 });
  });

  test('a tail that was cut off, under the newest checkpoint', () => {
    const { files: shorter } = sealed(600);
    const cut = new Map(shorter).set('checkpoint', files.get('checkpoint') ?? Uint8Array.of());
    expect(verified(cut)).toMatchObject({ ok: false, step: 4 });
  });

  test('a checkpoint by another key of the same name', () => {
    const forger = signerKey(ORIGIN, new Uint8Array(32).fill(2));
    const root = treeRoot(log.tree);
    const note = signCheckpoint({ origin: ORIGIN, size: 700, root, extensions: [] }, [forger]);
    expect(verified(changed('checkpoint', Buffer.from(note)))).toMatchObject({ ok: false, step: 2 });
  });

  test('an old directory put back, where a newer checkpoint or a maximum age is at hand', () => {
    const newer = files.get('checkpoint') ?? Uint8Array.of();
    const old = sealed(500).files;
    const at = (kept: Parameters<typeof verifyLog>[2]) =>
      verifyLog((path) => old.get(path), verifierKey, kept);
    expect(at({})).toMatchObject({ ok: true, size: 500 });
    expect(at({ earlier: [newer] })).toEqual({ ok: false, step: 7, what: '700 entries were signed before' });
    expect(at({ notBefore: '2026-01-02T03:04:05.678Z' })).toMatchObject({ ok: true });
    expect(at({ notBefore: '2026-01-02T03:04:05.679Z' })).toMatchObject({ ok: false, step: 3 });
  });

  test('a history that the real key signed anew, where an earlier checkpoint is at hand', () => {
    const fork = other(300, () => new TextEncoder().encode('what never was'));
    const signedAt = (size: number) => Buffer.from(checkpointOf(sealed(size).log));
    const given = (...earlier: Uint8Array[]) => verifyLog((path) => fork.get(path), verifierKey, { earlier });
    expect(given()).toMatchObject({ ok: true });
    expect(given(signedAt(0), signedAt(256), signedAt(300))).toMatchObject({ ok: true });
    for (const size of [301, 512, 700]) {
      const what = `another history of ${size} entries was signed`;
      expect(given(signedAt(256), signedAt(size))).toEqual({ ok: false, step: 7, what });
    }
  });

  test('any bit of any file', () => {
    const paths = [...files.keys()];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.nat(), (path, at) => {
        const bytes = files.get(path) ?? Uint8Array.of();
        expect(verified(changed(path, flipped(bytes, at % (bytes.length * 8))))).toMatchObject({ ok: false });
      }),
      { numRuns: 60 },
    );
  });
});

test('the stranger and we agree on proofs, good ones and changed ones', async () => {
  const { log } = sealed(700);
  const checkpoint = checkpointOf(log);
  const change = fc.option(fc.nat(), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.nat(699), change, async (index, bit) => {
      const hashes = await inclusionProof(index, 700, log.readTile);
      expect.assert(hashes.ok);
      const proof = printProof({ index, hashes: hashes.value, checkpoint });
      const bytes = Buffer.from(proof);
      const file =
        bit === undefined ? proof : Buffer.from(flipped(bytes, bit % (bytes.length * 8))).toString();
      const ours = verifyProof(file, leafHash(entry(index)), ORIGIN, [key]);
      expect(verifyProofFile(file, entry(index), verifierKey)).toBe(ours.ok);
      expect(ours.ok).toBe(bit === undefined);
    }),
    { numRuns: 200 },
  );
});
