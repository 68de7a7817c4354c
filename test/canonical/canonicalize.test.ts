import { createHash } from 'node:crypto';
import { canonicalize, checkJson, type Json, parseStrict } from '@countersign/shared/canonical';
import { argsDigest } from '@countersign/shared/digest';
import serialize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function parsed(text: string): Json {
  const result = parseStrict(text);
  expect.assert(result.ok);
  return result.value;
}

describe('canonicalize writes RFC 8785', () => {
  test('the example of section 3.2.2', () => {
    const text = `{
      "numbers": [333333333.33333329, 1E15, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalize(parsed(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1000000000000000,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('the keys of section 3.2.3, by UTF-16 code units', () => {
    const text =
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
      '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}';
    expect(Object.values(JSON.parse(text))).toHaveLength(7);
    expect(canonicalize(parsed(text))).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  test.each([
    ['0000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['3e7ad7f29abcaf48', '1e-7'],
  ])('the double %s of appendix B', (hex, text) => {
    const double = Buffer.from(hex, 'hex').readDoubleBE();
    expect(canonicalize(double)).toBe(text);
  });

  test('integer-like keys are sorted as text', () => {
    expect(canonicalize({ '10': 1, '9': 2, a: 3 })).toBe('{"10":1,"9":2,"a":3}');
  });

  test('a __proto__ key is kept', () => {
    expect(canonicalize(parsed('{"b":1,"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1},"b":1}');
  });

  test('a text is the one that the library writes, whatever keys there are', () => {
    const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat().map(String), fc.constant('__proto__'));
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => checkJson(n).ok),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((members) => Object.fromEntries(members)),
      ),
    }));
    fc.assert(
      fc.property(value, (json) => {
        const before = structuredClone(json);
        expect(canonicalize(json)).toBe(serialize(json));
        // In whatever order its keys came, it keeps them.
        expect(JSON.stringify(json)).toBe(JSON.stringify(before));
      }),
    );
  });

  test('order and white space of the source do not matter, and the text parses back to the value', () => {
    const text = fc.json({ maxDepth: 6 }).filter((candidate) => parseStrict(candidate).ok);
    fc.assert(
      fc.property(text, (source) => {
        const value = parsed(source);
        const canonical = canonicalize(value);
        expect(parsed(canonical)).toEqual(value);
        expect(canonicalize(parsed(canonical))).toBe(canonical);
        expect(canonicalize(backwards(value))).toBe(canonical);
      }),
    );
  });
});

describe('canonicalize refuses what has no canonical form', () => {
  const circular: Json[] = [];
  circular.push(circular);

  test.each<[string, unknown, string]>([
    ['an unsafe integer', { n: 2 ** 53 }, 'unsafe_integer'],
    ['negative zero', [-0], 'negative_zero'],
    ['NaN', { n: Number.NaN }, 'non_finite'],
    ['infinity', Number.POSITIVE_INFINITY, 'non_finite'],
    ['a lone surrogate', '\ud800', 'lone_surrogate'],
    ['undefined, which others drop', { a: undefined }, 'not_json'],
    ['a hole in an array', Array(1), 'not_json'],
    ['a Map, which others empty', new Map([['a', 1]]), 'not_json'],
    ['a Date', { at: new Date(0) }, 'not_json'],
    ['a boxed number', Object(1), 'not_json'],
    ['a function', { toJSON: () => 1 }, 'not_json'],
    ['a bigint', 1n, 'not_json'],
    ['an instance of a class', new (class Refund {})(), 'not_json'],
    ['a circle', circular, 'too_deep'],
  ])('%s', (_title, value, code) => {
    expect(checkJson(value)).toMatchObject({ ok: false, code });
    expect(() => canonicalize(value as Json)).toThrow(code);
  });
});

describe('the digest of arguments', () => {
  const canonical = canonicalize({ amount: 120, note: 'späti', to: ['a', 'b'] });

  test('is the documented formula', () => {
    const expected = createHash('sha256')
      .update('countersign/args/v1\n')
      .update(canonical, 'utf8')
      .digest('hex');
    expect(argsDigest(canonical)).toBe(`sha256:${expected}`);
  });

  test('of no arguments is this one, for ever', () => {
    expect(argsDigest('{}')).toBe('sha256:1e40e7ee7b91713f135268dd4b0c4037ea6ec51064f7ba4152126ac0e351050a');
  });
});

/** The same value with every object's keys put in the opposite order. */
function backwards(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(backwards);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, backwards(member)]),
  );
}
