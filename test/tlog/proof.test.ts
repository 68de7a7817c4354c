/** The format is C2SP's tlog-proof.md; the malformed ones follow transparency-dev/merkle, proof/tlog_proof_test.go. */
import {
  inclusionProof,
  leafHash,
  parseProof,
  printProof,
  signCheckpoint,
  signerKey,
  treeRoot,
  verifyProof,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { entry, LogInMemory } from './log-in-memory.ts';

const ORIGIN = 'example.com/log';
const key = signerKey(ORIGIN, new Uint8Array(32).fill(1));
const SIZE = 700;
const INDEX = 437;
const leaf = leafHash(entry(INDEX));

let log: LogInMemory;
let checkpoint: string;
let text: string;

beforeAll(async () => {
  log = new LogInMemory();
  log.grow(SIZE);
  checkpoint = signCheckpoint({ origin: ORIGIN, size: SIZE, root: treeRoot(log.tree), extensions: [] }, [
    key,
  ]);
  text = await proofOf(INDEX);
});

async function proofOf(index: number): Promise<string> {
  const hashes = await inclusionProof(index, SIZE, log.readTile);
  expect.assert(hashes.ok);
  return printProof({ index, hashes: hashes.value, checkpoint });
}

describe('a tlog-proof', () => {
  test('has the form of tlog-proof.md', () => {
    const [head, ...rest] = text.split('\n\n');
    const [first, second, ...hashes] = head?.split('\n') ?? [];
    expect(first).toBe('c2sp.org/tlog-proof@v1');
    expect(second).toBe('index 437');
    expect(hashes).toHaveLength(10);
    expect(rest.join('\n\n')).toBe(checkpoint);
  });

  test('of the specification is read as it stands there', () => {
    // The signatures are cut there, and the hashes are fewer than that tree's height: it shows the form alone.
    const example = [
      'c2sp.org/tlog-proof@v1',
      'extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ',
      'index 73894',
      'gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=',
      'B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=',
      'EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=',
      'RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=',
      'AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=',
      '',
      'example.com/fancylog',
      '109482',
      'sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=',
      '',
      '— example.com/fancylog hI2DJw[...]1roloI=',
      '',
    ].join('\n');
    const read = parseProof(example);
    expect.assert(read.ok);
    expect(read.value.index).toBe(73_894);
    expect(read.value.hashes).toHaveLength(5);
    expect(Buffer.from(read.value.extra ?? []).toString('latin1')).toMatch(
      /^age-v1\.2\.1-darwin-arm64\.tar\.gz/,
    );
    expect(read.value.checkpoint).toMatch(/^example\.com\/fancylog\n109482\n/);
    expect(printProof(read.value)).toBe(example);
  });

  test('shows that an entry stands in the log, with the log’s name and key alone', async () => {
    const verified = verifyProof(text, leaf, ORIGIN, [key]);
    expect(verified).toMatchObject({ ok: true, value: { index: INDEX, checkpoint: { size: SIZE } } });
    for (const index of [0, 255, 256, 511, 512, SIZE - 1]) {
      const other = verifyProof(await proofOf(index), leafHash(entry(index)), ORIGIN, [key]);
      expect(other).toMatchObject({ ok: true, value: { index } });
    }
  });

  test('gives back what was put beside it, for which nothing vouches', () => {
    const read = parseProof(text);
    expect.assert(read.ok);
    const extra = Buffer.from('beside');
    const withExtra = printProof({ ...read.value, extra });
    expect(withExtra).toContain('\nextra YmVzaWRl\nindex 437\n');
    expect(verifyProof(withExtra, leaf, ORIGIN, [key])).toMatchObject({ ok: true, value: { extra } });
  });

  test('in a tree of one entry has no hashes', () => {
    const [only = leaf] = log.leaves;
    const one = signCheckpoint({ origin: ORIGIN, size: 1, root: only, extensions: [] }, [key]);
    const proof = printProof({ index: 0, hashes: [], checkpoint: one });
    expect(proof).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${one}`);
    expect(verifyProof(proof, only, ORIGIN, [key])).toMatchObject({ ok: true });
  });
});

describe('a proof that fails says why', () => {
  test.each([
    ['another entry', () => verifyProof(text, leafHash(entry(1)), ORIGIN, [key]), 'root_mismatch'],
    ['another index', () => verifyProof(text.replace('437', '438'), leaf, ORIGIN, [key]), 'root_mismatch'],
    [
      'an index past the end',
      () => verifyProof(text.replace('437', '700'), leaf, ORIGIN, [key]),
      'index_outside',
    ],
    [
      'a hash too few',
      () => verifyProof(text.replace(/\n[^\n]{44}\n/, '\n'), leaf, ORIGIN, [key]),
      'proof_length',
    ],
    ['a key that is not known', () => verifyProof(text, leaf, ORIGIN, []), 'signature_missing'],
    [
      'another size',
      () => verifyProof(text.replace('\n700\n', '\n701\n'), leaf, ORIGIN, [key]),
      'signature_invalid',
    ],
    ['another log', () => verifyProof(text, leaf, 'example.com/other', [key]), 'origin_mismatch'],
    ['a cut checkpoint', () => verifyProof(text.slice(0, -1), leaf, ORIGIN, [key]), 'note_malformed'],
    [
      'a checkpoint that is none',
      () => {
        const note = 'c2sp.org/tlog-proof@v1\nindex 0\n\nabc\n\n— x AAAAAAAA\n';
        return verifyProof(note, leaf, ORIGIN, [key]);
      },
      'signature_missing',
    ],
  ])('%s', (_title, verify, code) => {
    expect(verify()).toMatchObject({ ok: false, code });
  });

  test('whichever byte of it is changed', () => {
    const bytes = new TextEncoder().encode(text);
    const decoder = new TextDecoder();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = decoder.decode(bytes.map((byte, place) => (place === at ? byte ^ (1 << bit) : byte)));
        expect(verifyProof(changed, leaf, ORIGIN, [key])).toMatchObject({ ok: false });
      }),
      { numRuns: 1000 },
    );
  });

  const hash = 'B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=';
  test.each([
    ['nothing', ''],
    ['another first line', 'wrong-header\nindex 0\n\ncheckpoint\n'],
    ['another version', 'c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n'],
    ['no blank line', 'c2sp.org/tlog-proof@v1\nindex 0\n'],
    ['extra data that is not base64', 'c2sp.org/tlog-proof@v1\nextra !!notbase64!!\nindex 0\n\ncheckpoint\n'],
    ['extra data of nothing', 'c2sp.org/tlog-proof@v1\nextra \nindex 0\n\ncheckpoint\n'],
    ['extra data twice', 'c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\ncheckpoint\n'],
    ['extra data after the index', 'c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\ncheckpoint\n'],
    ['no index', 'c2sp.org/tlog-proof@v1\n\n\ncheckpoint\n'],
    ['an index that is no number', 'c2sp.org/tlog-proof@v1\nindex notanumber\n\ncheckpoint\n'],
    ['a negative index', 'c2sp.org/tlog-proof@v1\nindex -5\n\ncheckpoint\n'],
    ['an index with a leading zero', 'c2sp.org/tlog-proof@v1\nindex 05\n\ncheckpoint\n'],
    ['an index beyond 2^53', 'c2sp.org/tlog-proof@v1\nindex 9007199254740992\n\ncheckpoint\n'],
    ['a hash that is not base64', 'c2sp.org/tlog-proof@v1\nindex 0\n!!notbase64!!\n\ncheckpoint\n'],
    ['a hash of 64 bytes', `c2sp.org/tlog-proof@v1\nindex 0\n${'A'.repeat(86)}==\n\ncheckpoint\n`],
    [
      'more hashes than any tree is high',
      `c2sp.org/tlog-proof@v1\nindex 0\n${`${hash}\n`.repeat(54)}\ncheckpoint\n`,
    ],
    ['carriage returns', 'c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\ncheckpoint\r\n'],
  ])('%s is malformed', (_title, proof) => {
    const read = verifyProof(proof, leaf, ORIGIN, [key]);
    expect(read).toMatchObject({ ok: false, code: 'proof_malformed' });
  });
});
