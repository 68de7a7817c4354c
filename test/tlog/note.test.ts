/**
 * Vectors: golang.org/x/mod, sumdb/note/note_test.go and the package's documentation; C2SP's signed-note.md
 * ("Verifier keys", its example); the Go checksum database, whose signed trees anyone can fetch.
 */
import {
  openNote,
  parseSignerKey,
  parseVerifierKey,
  printSignerKey,
  printVerifierKey,
  signerKey,
  signNote,
  type VerifierKey,
} from '@countersign/shared/tlog';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';

const TEXT =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n";
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

function verifier(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  expect.assert(key.ok);
  return key.value;
}

function signer(text: string) {
  const key = parseSignerKey(text);
  expect.assert(key.ok);
  return key.value;
}

const peter = verifier(PETER);
const enoch = verifier(ENOCH);

describe("keys are those of Go's sumdb/note", () => {
  test.each([
    [PETER, 'PeterNeumann', 0xc74f20a3],
    [ENOCH, 'EnochRoot', 0xaf0cfe78],
    ['example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'example.com/foo', 0x530d903a],
    ['sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8', 'sum.golang.org', 0x033de0ae],
  ])('%s', (text, name, id) => {
    expect(verifier(text)).toMatchObject({ name, id });
    expect(printVerifierKey(verifier(text))).toBe(text);
  });

  test('a signer key holds its verifier key', () => {
    const secret = signer(PETER_SECRET);
    expect(printSignerKey(secret)).toBe(PETER_SECRET);
    expect(printVerifierKey(secret)).toBe(PETER);
  });

  test('made from a seed, and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const made = signerKey('example.com/log', seed);
        expect(printSignerKey(signer(printSignerKey(made)))).toBe(printSignerKey(made));
        const note = signNote('text\n', [made]);
        expect(openNote(note, [verifier(printVerifierKey(made))])).toMatchObject({ ok: true });
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ['verifier', PETER, parseVerifierKey],
    ['signer', PETER_SECRET, parseSignerKey],
  ])('no part of a %s key, and none with a character changed, is a key', (_what, text, parse) => {
    for (let from = 0; from <= text.length; from++) {
      for (let to = from + 1; to <= text.length; to++) {
        if (to - from < text.length) expect(parse(text.slice(from, to))).toMatchObject({ ok: false });
      }
    }
    for (let at = 0; at < text.length; at++) {
      const next = String.fromCharCode(text.charCodeAt(at) + 1);
      expect(parse(text.slice(0, at) + next + text.slice(at + 1))).toMatchObject({ ok: false });
    }
  });

  test.each([
    ['nothing', '', 'key_malformed'],
    ['a name alone', 'PeterNeumann', 'key_malformed'],
    ['an id in capitals', PETER.replace('c74f20a3', 'C74F20A3'), 'key_malformed'],
    ['a name with a space', PETER.replace('PeterNeumann', 'Peter Neumann'), 'key_malformed'],
    ['a name with a no-break space', PETER.replace('PeterNeumann', 'Peter\u00a0Neumann'), 'key_malformed'],
    ['another name', PETER.replace('PeterNeumann', 'CarmenSandiego'), 'key_id'],
    // Both with the id that belongs to them, as in Go's test.
    [
      'too many bytes',
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
      'key_malformed',
    ],
    [
      'another algorithm',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      'key_algorithm',
    ],
  ])('%s is no key', (_title, text, code) => {
    expect(parseVerifierKey(text)).toMatchObject({ ok: false, code });
  });

  test('a message about a signer key quotes nothing of it', () => {
    for (const text of [PETER_SECRET.replace('c7', 'c8'), PETER_SECRET.slice(0, -4), PETER_SECRET.slice(1)]) {
      const read = parseSignerKey(text);
      expect.assert(!read.ok);
      expect(read.message).not.toMatch(/AYEK|c84f|Peter/);
    }
  });

  test('a name or a seed that can not be one is a bug of the caller', () => {
    const seed = new Uint8Array(32);
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u2028b', 'a\u0001b', '\ud800']) {
      expect(() => signerKey(name, seed)).toThrow(RangeError);
    }
    expect(() => signerKey('a', seed.subarray(1))).toThrow(RangeError);
  });
});

describe('a text that is signed', () => {
  test("is the note of Go's documentation", () => {
    expect(signNote(TEXT, [signer(PETER_SECRET)])).toBe(`${TEXT}\n${PETER_LINE}`);
  });

  test('bears a signature by each key', () => {
    const keys = [signer(PETER_SECRET), signerKey('example.com/witness', new Uint8Array(32))];
    const note = signNote('a\n\nb\n', keys);
    const opened = openNote(note, keys);
    expect.assert(opened.ok);
    expect(opened.value.text).toBe('a\n\nb\n');
    expect(opened.value.signers).toEqual(keys);
  });

  test('ends with a newline and has no other control character', () => {
    const keys = [signer(PETER_SECRET)];
    for (const text of ['', 'abc', 'a\tb\n', 'a\rb\n', '\u0000\n', '\ud800\n']) {
      expect(() => signNote(text, keys)).toThrow(TypeError);
    }
    expect(() => signNote('abc\n', [])).toThrow(TypeError);
  });
});

describe('a note is opened', () => {
  test.each([
    ['by the one key that is known', [peter], [peter]],
    ['by the other one', [enoch], [enoch]],
    ['by both', [enoch, peter], [peter, enoch]],
  ])('%s', (_title, known, signers) => {
    const opened = openNote(`${TEXT}\n${PETER_LINE}${ENOCH_LINE}`, known);
    expect(opened).toEqual({ ok: true, value: { text: TEXT, signers } });
  });

  test("the example of C2SP's signed-note.md", () => {
    const note =
      'This is an example message.\n\n' +
      '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
    const key = verifier('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
    expect(openNote(new TextEncoder().encode(note), [key])).toMatchObject({
      ok: true,
      value: { text: 'This is an example message.\n' },
    });
  });

  test('a text with blank lines in it ends at the last one', () => {
    // The other example of signed-note.md, of whose key nothing is published.
    const note =
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
      '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';
    expect(openNote(note, [peter])).toEqual({
      ok: false,
      code: 'signature_missing',
      message: 'The note bears no signature by a known key (known: PeterNeumann+c74f20a3).',
    });
  });

  test('whatever unknown keys have put under it', () => {
    const strangers =
      // The name of a known key with another id, its id with another name, and bytes that are no signature.
      PETER_LINE.replace('x08g', 'xxxx') +
      PETER_LINE.replace('PeterNeumann', 'CarmenSandiego') +
      '— x AAAAAAA=\n';
    expect(openNote(`${TEXT}\n${strangers}${PETER_LINE}${strangers}`, [peter, enoch])).toMatchObject({
      ok: true,
    });
    expect(openNote(`${TEXT}\n${strangers}`, [peter, enoch])).toMatchObject({ code: 'signature_missing' });
  });

  test('not when a known key has signed something else, even if another has signed this', () => {
    const bad = `${PETER_LINE.slice(0, 60)}ABCD${PETER_LINE.slice(60)}`;
    const other = signNote('another text\n', [signer(PETER_SECRET)]).split('\n\n')[1];
    for (const line of [bad, other]) {
      expect(openNote(`${TEXT}\n${line}${ENOCH_LINE}`, [peter, enoch])).toEqual({
        ok: false,
        code: 'signature_invalid',
        message: 'The signature by PeterNeumann+c74f20a3 is not one of this text.',
      });
    }
  });

  test('not when no key is known', () => {
    expect(openNote(`${TEXT}\n${PETER_LINE}`, [])).toMatchObject({ ok: false, code: 'signature_missing' });
  });

  test('a signature that stands there twice counts once', () => {
    const opened = openNote(`${TEXT}\n${PETER_LINE}${PETER_LINE}`, [peter, verifier(PETER)]);
    expect.assert(opened.ok);
    expect(opened.value.signers).toEqual([peter]);
  });

  test('with sixteen signatures and more, but not with any number', () => {
    const strangers = (count: number) => ENOCH_LINE.repeat(count);
    expect(openNote(`${TEXT}\n${strangers(99)}${PETER_LINE}`, [peter])).toMatchObject({ ok: true });
    expect(openNote(`${TEXT}\n${strangers(100)}${PETER_LINE}`, [peter])).toMatchObject({
      code: 'note_too_large',
    });
    const long = `${'a'.repeat(1_000_000)}\n\n${PETER_LINE}`;
    expect(openNote(long, [peter])).toMatchObject({ ok: false, code: 'note_too_large' });
  });

  test('with a byte order mark only where it was signed', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const keys = [signer(PETER_SECRET)];
    const text = '\ufeffmarked\n';
    expect(openNote(bytes(signNote(text, keys)), keys)).toMatchObject({ ok: true, value: { text } });
    expect(openNote(bytes(`\ufeff${TEXT}\n${PETER_LINE}`), keys)).toMatchObject({
      code: 'signature_invalid',
    });
  });

  test('never once a byte of text or signature is changed', () => {
    const note = new TextEncoder().encode(`${TEXT}\n${PETER_LINE}`);
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = note.map((byte, position) => (position === at ? byte ^ by : byte));
        expect(openNote(changed, [peter])).toMatchObject({ ok: false });
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is no note is refused as malformed', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  test.each([
    ['nothing', bytes('')],
    ['a text without signatures', bytes(TEXT)],
    ['no signature after the blank line', bytes(`${TEXT}\n`)],
    ['a last line that does not end', bytes(`${TEXT}\n${PETER_LINE.slice(0, -1)}`)],
    ['a control character', bytes(`\u0001${TEXT}\n${PETER_LINE}`)],
    ['a tab', bytes(`\t${TEXT}\n${PETER_LINE}`)],
    ['a carriage return', bytes(`${TEXT}\n${PETER_LINE}`.replaceAll('\n', '\r\n'))],
    ['bytes that are not UTF-8', Uint8Array.of(0xff, ...bytes(`${TEXT}\n${PETER_LINE}`))],
    ['a name with a space', bytes(`${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad Name')}`)],
    ['a name with a plus', bytes(`${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad+Name')}`)],
    ['no name', bytes(`${TEXT}\n${PETER_LINE.replace('PeterNeumann', '')}`)],
    ['a hyphen for the dash', bytes(`${TEXT}\n${PETER_LINE.replace('—', '-')}`)],
    ['a line that is no signature', bytes(`${TEXT}\n${PETER_LINE}Unexpected line.\n`)],
    ['a signature of four bytes', bytes(`${TEXT}\n${PETER_LINE}— x AAAAAA==\n`)],
    ['base64 without its padding', bytes(`${TEXT}\n${PETER_LINE.replace('=', '')}`)],
    ['base64 with stray bits', bytes(`${TEXT}\n${PETER_LINE.replace('nAM=', 'nAN=')}`)],
    ['base64 for URLs', bytes(`${TEXT}\n${PETER_LINE.replaceAll('/', '_')}`)],
    ['a space at the end', bytes(`${TEXT}\n${PETER_LINE.replace('\n', ' \n')}`)],
  ])('%s', (_title, note) => {
    expect(openNote(note, [peter])).toMatchObject({ ok: false, code: 'note_malformed' });
  });
});
