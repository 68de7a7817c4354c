/** The example on the page from which strangers write verifiers is what our own code makes of the same entries. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  append,
  bundlePath,
  consistencyProof,
  EMPTY_TREE,
  encodeBundle,
  inclusionProof,
  leafHash,
  printProof,
  printVerifierKey,
  type ReadTile,
  signCheckpoint,
  signerKey,
  tilePath,
  treeRoot,
} from '@countersign/shared/tlog';
import { expect, test } from 'vitest';
import { ROOT } from '../support/sources.ts';

const page = readFileSync(join(ROOT, 'docs/audit-format.md'), 'utf8');
const example = page.slice(page.indexOf('## An example to test with'));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const key = signerKey('example.com/audit', new Uint8Array(32).fill(7));
const entries = [0, 1, 2].map((n) => new TextEncoder().encode(JSON.stringify({ n })));
const leaves = entries.map(leafHash);
const { tree, tiles } = append(EMPTY_TREE, leaves);
const readTile: ReadTile = async () => tiles[0]?.bytes;

test('the table of values', () => {
  const bundle = encodeBundle(entries);
  expect.assert(bundle.ok);
  const lines = [
    ['verifier key', printVerifierKey(key)],
    [bundlePath({ index: 0, width: 3 }), hex(bundle.value)],
    ...leaves.map((leaf, n) => [`leaf of {"n":${n}}`, hex(leaf)]),
    ['root of the first two', hex(treeRoot(append(EMPTY_TREE, leaves.slice(0, 2)).tree))],
    ['root of all three', hex(treeRoot(tree))],
  ];
  const table = lines.map(([name = '', value]) => `${name.padEnd(26)}${value}\n`).join('');
  expect(example).toContain(`\`\`\`\n${table}\`\`\``);
  expect(tiles.map(tilePath)).toEqual(['tile/0/000.p/3']);
});

test('the proofs and the checkpoint', async () => {
  const extensions = ['time 2026-01-02T03:04:05.678Z'];
  const root = treeRoot(tree);
  const checkpoint = signCheckpoint({ origin: 'example.com/audit', size: 3, root, extensions }, [key]);
  const hashes = await inclusionProof(1, 3, readTile);
  expect.assert(hashes.ok);
  const proof = printProof({ index: 1, hashes: hashes.value, checkpoint });
  expect(example).toContain(`\`\`\`\n${proof}\`\`\``);
  expect(await consistencyProof(2, 3, readTile)).toMatchObject({ ok: true, value: [leaves[2]] });
});
