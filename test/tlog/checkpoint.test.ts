/**
 * Vectors: C2SP's tlog-checkpoint.md; transparency-dev/formats, log/checkpoint_test.go; signed trees of the Go
 * checksum database (sum.golang.org/latest at two times), whose key is published with Go.
 */
import {
  type Checkpoint,
  emptyRoot,
  openCheckpoint,
  parseCheckpoint,
  parseVerifierKey,
  printCheckpoint,
  signCheckpoint,
  signerKey,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const GO_KEY = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const GO_ORIGIN = 'go.sum database tree';

const log = signerKey('example.com/log', new Uint8Array(32).fill(1));
const root = emptyRoot();

describe('signed trees that the world has seen', () => {
  const key = parseVerifierKey(GO_KEY);
  expect.assert(key.ok);
  const known = [key.value];

  test.each([
    [
      31_700_353,
      'qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=',
      'Az3grnmrIUEDFqHzAElIQCPNoRFRAAdFo47fooyWKMHb89k11GJh5zHIfNCOBmwn/C3YI8oW9/C8DJ87F61QqspBYwM=',
    ],
    [
      65_209_736,
      '5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=',
      'Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=',
    ],
    // The example of tlog-checkpoint.md: a tree of Go's under another origin, but with the signature that it had.
    [
      20_852_163,
      'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
      'Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=',
    ],
  ])('of %i entries', (size, root64, signature) => {
    const note = `${GO_ORIGIN}\n${size}\n${root64}\n\n— sum.golang.org ${signature}\n`;
    const opened = openCheckpoint(note, GO_ORIGIN, known);
    expect.assert(opened.ok);
    expect(opened.value.checkpoint).toEqual({
      origin: GO_ORIGIN,
      size,
      root: Buffer.from(root64, 'base64'),
      extensions: [],
    });
    const smaller = note.replace(String(size), String(size - 1));
    expect(openCheckpoint(smaller, GO_ORIGIN, known)).toMatchObject({ ok: false, code: 'signature_invalid' });
  });
});

describe('the text of a checkpoint', () => {
  test('of tlog-checkpoint.md is read and printed', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const read = parseCheckpoint(text);
    expect.assert(read.ok);
    expect(read.value).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
      extensions: [],
    });
    expect(printCheckpoint(read.value)).toBe(text);
  });

  test('may have further lines, which stay as they are', () => {
    const checkpoint: Checkpoint = { origin: 'Log', size: 9944, root, extensions: ['lots', 'of lines'] };
    const text = printCheckpoint(checkpoint);
    expect(text).toMatch(/^Log\n9944\n[^\n]{44}\nlots\nof lines\n$/);
    expect(parseCheckpoint(text)).toEqual({ ok: true, value: checkpoint });
  });

  test('of any checkpoint is read back', () => {
    const line = fc.stringMatching(/^[^\n]+$/);
    const checkpoint = fc.record({
      origin: line,
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
      extensions: fc.array(line, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(checkpoint, (value) => {
        expect(parseCheckpoint(printCheckpoint(value))).toEqual({ ok: true, value });
      }),
    );
  });

  const hash = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  test.each([
    ['nothing', ''],
    ['too few lines', 'Head\n9944\n'],
    ['no origin', `\n9944\n${hash}\n`],
    ['a last line that does not end', `Log\n123\n${hash}`],
    ['a size that is no number', `Log\nbananas\n${hash}\n`],
    ['a negative size', `Log\n-34\n${hash}\n`],
    ['a leading zero', `Log\n0123\n${hash}\n`],
    ['a plus', `Log\n+123\n${hash}\n`],
    ['a size in hexadecimal', `Log\n0x7b\n${hash}\n`],
    ['half a size', `Log\n1.5\n${hash}\n`],
    ['a space after the size', `Log\n123 \n${hash}\n`],
    ['a size too large', `Log\n3438945738945739845734895735\n${hash}\n`],
    ['2^53', `Log\n9007199254740992\n${hash}\n`],
    ['a root that is not base64', "Log\n123\nThisIsn'tBase64\n"],
    ['a root of seven bytes', 'Log\n123\nYmFuYW5hcw==\n'],
    ['a root with stray bits', `Log\n123\n${hash.replace('q2I=', 'q2J=')}\n`],
    ['no root', 'Log\n123\n\n'],
    ['an empty line', `Log\n123\n${hash}\nlots\n\nof lines\n`],
    ['empty lines at the end', `Log\n123\n${hash}\n\n\n`],
  ])('with %s is malformed', (_title, text) => {
    expect(parseCheckpoint(text)).toMatchObject({ ok: false, code: 'checkpoint_malformed' });
  });

  test('is never printed from what could not be read', () => {
    const good = { origin: 'Log', size: 1, root, extensions: [] };
    for (const change of [
      { origin: '' },
      { origin: 'a\nb' },
      { size: -1 },
      { size: 0.5 },
      { size: 2 ** 53 },
      { size: 1e21 },
      { root: root.subarray(1) },
      { extensions: [''] },
      { extensions: ['a\nb'] },
      { origin: 'Log\n5' },
    ]) {
      expect(() => printCheckpoint({ ...good, ...change })).toThrow(TypeError);
    }
  });
});

describe('a signed checkpoint', () => {
  const checkpoint: Checkpoint = { origin: 'example.com/log', size: 300, root, extensions: [] };

  test('is opened by one of the log’s keys, an older one too', () => {
    const newer = signerKey('example.com/log', new Uint8Array(32).fill(2));
    const note = signCheckpoint(checkpoint, [log]);
    const opened = openCheckpoint(note, 'example.com/log', [newer, log]);
    expect(opened).toEqual({ ok: true, value: { checkpoint, signers: [log] } });
    expect(openCheckpoint(note, 'example.com/log', [newer])).toMatchObject({ code: 'signature_missing' });
  });

  test('of another log is told, also when the same key has signed it', () => {
    const note = signCheckpoint({ ...checkpoint, origin: 'example.com/other' }, [log]);
    expect(openCheckpoint(note, 'example.com/log', [log])).toEqual({
      ok: false,
      code: 'origin_mismatch',
      message: 'The checkpoint is of the log "example.com/other", not of "example.com/log".',
    });
  });
});
