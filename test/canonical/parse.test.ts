import { MAX_BYTES, MAX_DEPTH, parseStrict } from '@countersign/shared/canonical';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const utf8 = (text: string) => new TextEncoder().encode(text);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseStrict refuses what two readers could understand differently', () => {
  test.each([
    // [title, text, code, what the message must name]
    [
      'a key twice',
      '{"a":1,\n "a":2}',
      'duplicate_key',
      'The key "a" stands twice in one object (line 2, column 2)',
    ],
    ['a key twice in another spelling', '{"a":1,"\\u0061":2}', 'duplicate_key', '"a"'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'duplicate_key', '"__proto__"'],
    ['a key twice deep inside', '[{"x":[{"k":1,"l":2,"k":3}]}]', 'duplicate_key', '"k"'],
    ['an empty key twice', '{"":1,"":1}', 'duplicate_key', '""'],
    ['2^53', '9007199254740992', 'unsafe_integer', '$'],
    ['2^53 + 1, which a double can not hold', '{"n":9007199254740993}', 'unsafe_integer', '$.n'],
    ['−2^53', '[-9007199254740992]', 'unsafe_integer', '$[0]'],
    ['2^53 written as a fraction', '9007199254740992.0', 'unsafe_integer', '$'],
    ['a whole number in exponent notation', '{"a":{"b":1e300}}', 'unsafe_integer', '$.a.b'],
    ['a digit that hides behind rounding', '9007199254740991.9', 'unsafe_integer', '$'],
    ['negative zero', '{"a b":-0}', 'negative_zero', '$["a b"]'],
    ['negative zero as a fraction', '-0.0', 'negative_zero', '$'],
    ['negative zero by underflow', '-1e-400', 'negative_zero', '$'],
    ['a number beyond the doubles', '1e999', 'non_finite', '$'],
    ['half a surrogate pair in a string', '{"s":"\\ud83d"}', 'lone_surrogate', '$.s'],
    ['half a surrogate pair in a key', '{"\\ude00":1}', 'lone_surrogate', '$["\\ude00"]'],
    ['a swapped surrogate pair', '"\\ude00\\ud83d"', 'lone_surrogate', '$'],
    ['too deep nesting', nested(MAX_DEPTH + 1), 'too_deep', '64'],
    ['too deep nesting, by a lot', nested(100_000), 'too_deep', '64'],
    ['NaN', 'NaN', 'invalid_json', 'not valid JSON'],
    ['a trailing comma', '{"a":1,}', 'invalid_json', 'line 1, column 8'],
    ['a comment', '{} // no', 'invalid_json', 'not valid JSON'],
    ['two values', '{}{}', 'invalid_json', 'line 1, column 3'],
    ['nothing', '', 'invalid_json', 'not valid JSON'],
    ['a byte order mark', '\ufeff{}', 'invalid_json', 'not valid JSON'],
    ['a leading zero', '01', 'invalid_json', 'not valid JSON'],
    ['a raw control character', '"\u0000"', 'invalid_json', 'not valid JSON'],
  ])('%s', (_title, text, code, named) => {
    const result = parseStrict(utf8(text));
    expect(result).toMatchObject({ ok: false, code, status: 400 });
    expect(result).toHaveProperty('message', expect.stringContaining(named));
    // A text that is decoded already fares the same.
    expect(parseStrict(text)).toEqual(result);
  });

  test.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate encoded as three bytes', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe2, 0x82, 0x22]],
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('bytes that are not UTF-8: %s', (_title, bytes) => {
    expect(parseStrict(Uint8Array.from(bytes))).toMatchObject({
      ok: false,
      code: 'invalid_utf8',
      status: 400,
    });
  });

  test('a lone surrogate in a decoded text', () => {
    expect(parseStrict('"\ud83d"')).toMatchObject({ ok: false, code: 'lone_surrogate' });
  });

  test('a body over the limit, measured in bytes, before anything else', () => {
    const atLimit = JSON.stringify('é'.repeat((MAX_BYTES - 2) / 2));
    expect(utf8(atLimit)).toHaveLength(MAX_BYTES);
    expect(parseStrict(atLimit).ok).toBe(true);
    expect(parseStrict(utf8(atLimit)).ok).toBe(true);
    for (const body of [`${atLimit} `, utf8(`${atLimit} `)]) {
      expect(parseStrict(body)).toMatchObject({ ok: false, code: 'body_too_large', status: 413 });
    }
    expect(parseStrict('[1,2]', { maxBytes: 4 })).toMatchObject({ code: 'body_too_large' });
  });

  test('and never quotes the body in a message, beyond a key that is cut and escaped', () => {
    const secret = 'hunter2';
    for (const text of [
      `{"p":"${secret}",}`,
      `{"p":${secret}}`,
      `{"a":"${secret}","a":1}`,
      `["${secret}\\ud800"]`,
    ]) {
      expect(parseStrict(text)).toHaveProperty('message', expect.not.stringContaining(secret));
    }
    const key = `\u202e\u001b[31m${'x'.repeat(5000)}`;
    const result = parseStrict(`{${JSON.stringify(key)}:-0}`);
    expect(result).toHaveProperty('message', expect.stringMatching(/^[ -~±−^…]{1,250}$/));
  });
});

describe('parseStrict takes everything else as it is', () => {
  test.each([
    ['the largest safe integers', '[9007199254740991,-9007199254740991,9007199254740991.0]'],
    ['small and long fractions', '[0.1,1e-7,5e-324,0.30000000000000004,4503599627370497.5]'],
    ['zeros', '[0,0.0,0e5,1e-400]'],
    ['the deepest nesting', nested(MAX_DEPTH)],
    ['the same key in different objects', '[{"a":{"a":1}},{"a":2}]'],
    ['colons, quotes and braces inside strings', '{"a:b":"{\\"c\\":1,\\"c\\":2}","\\\\":":\\\\"}'],
    ['a scalar', '"x"'],
    ['white space', ' \r\n\t{ "a" : 1 } '],
    ['text beyond the basic plane', '{"😀":"\\ud83d\\ude00"}'],
  ])('%s', (_title, text) => {
    expect(parseStrict(utf8(text))).toEqual({ ok: true, value: JSON.parse(text) });
  });

  test('a __proto__ key is an own property and sets no prototype', () => {
    const result = parseStrict('{"__proto__":{"polluted":true},"constructor":1}');
    expect.assert(result.ok);
    expect(Object.keys(result.value as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(result.value)).toBe(Object.prototype);
    expect(result.value).not.toHaveProperty('polluted');
  });

  test('whatever JSON.stringify writes of sound values comes back the same', () => {
    fc.assert(
      fc.property(soundJson, (value) => {
        expect(parseStrict(utf8(JSON.stringify(value, null, 1)))).toEqual({ ok: true, value });
      }),
    );
  });

  test('a repeated key is found wherever it is put', () => {
    const key = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(key, soundJson, soundJson, fc.nat({ max: 20 }), (name, first, second, depth) => {
        const member = JSON.stringify(name);
        const inner = `{${member}:${JSON.stringify(first)},${member}:${JSON.stringify(second)}}`;
        const text = `${'[{"x":'.repeat(depth)}${inner}${'}]'.repeat(depth)}`;
        expect(parseStrict(text)).toMatchObject({ ok: false, code: 'duplicate_key' });
      }),
    );
  });
});

/** JSON with whole Unicode strings, no -0 and no unsafe numbers. */
const soundJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
      .map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
})).value;
