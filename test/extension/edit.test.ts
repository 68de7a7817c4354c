import type { JsonObject } from '@countersign/shared/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldsOf, textOf } from '../../extension/edit/fields.ts';
import { schemaProblems } from '../../extension/edit/schema.ts';
import { applyEdits } from '../../extension/edit/typed.ts';

const args: JsonObject = {
  amount: 2400,
  note: 'x',
  urgent: false,
  tags: ['a', 'b'],
  customer: { name: 'Anna', age: 30 },
  lines: [{ sku: 1 }],
};

const edit = (edits: Record<string, string>, editable: string[] | null = null, schema?: JsonObject) =>
  applyEdits(args, fieldsOf(args, schema, editable), edits);

describe('the edit form', () => {
  test('has a field of the right kind for every value', () => {
    expect(fieldsOf(args, undefined, null).map((field) => [field.path, field.kind])).toEqual([
      ['amount', 'number'],
      ['note', 'text'],
      ['urgent', 'flag'],
      ['tags', 'list'],
      ['customer.name', 'text'],
      ['customer.age', 'number'],
      ['lines', 'json'],
    ]);
  });

  test('takes choices, whole numbers and fields that were left out from the schema', () => {
    const schema = {
      properties: {
        amount: { type: 'integer' },
        note: { enum: ['x', 'y'] },
        memo: { type: 'string', description: 'For the books' },
      },
    };
    const fields = new Map(fieldsOf(args, schema, null).map((field) => [field.path, field]));
    expect(fields.get('amount')?.kind).toBe('integer');
    expect(fields.get('note')).toMatchObject({ kind: 'choice', choices: ['x', 'y'] });
    expect(fields.get('memo')).toMatchObject({ kind: 'text', absent: true, hint: 'For the books' });
  });

  test('opens only what policy lets be edited, a path covering all below it', () => {
    const open = fieldsOf(args, undefined, ['amount', 'customer']).filter((field) => field.editable);
    expect(open.map((field) => field.path)).toEqual(['amount', 'customer.name', 'customer.age']);
  });
});

describe('what was typed', () => {
  test('keeps the type that the value had', () => {
    const { args: edited } = edit({
      amount: '129.00',
      urgent: 'true',
      tags: 'a\n c \n\nd',
      'customer.age': '31',
    });
    expect(edited).toEqual({
      ...args,
      amount: 129,
      urgent: true,
      tags: ['a', 'c', 'd'],
      customer: { name: 'Anna', age: 31 },
    });
    expect(Object.keys(edited)).toEqual(Object.keys(args));
  });

  test.each([
    ['amount', '1,000', 'number'],
    ['amount', '1.000,50', 'number'],
    ['amount', '0x10', 'number'],
    ['amount', '', 'empty'],
    ['amount', '9007199254740993', 'too_large'],
    ['lines', '[{]', 'json'],
  ])('%s = %j is refused as %s, and nothing is guessed', (path, text, misfit) => {
    const edited = edit({ [path]: text });
    expect(edited.misfits).toEqual({ [path]: misfit });
    expect(edited.args).toEqual(args);
  });

  test('counts as untouched when it is what stood there', () => {
    expect(edit({ amount: '2400', note: 'x' }).touched).toEqual([]);
  });

  test('never reaches a field that policy fixes, whatever a draft says', () => {
    expect(edit({ note: 'y', amount: '1' }, ['amount']).args).toEqual({ ...args, amount: 1 });
  });

  test('tells keys with dots from paths, so that one edit never reaches two values', () => {
    const tricky: JsonObject = { 'a.b': 'one', a: { b: 'two', '': 'three' }, '': { '': true }, '.': [] };
    const fields = fieldsOf(tricky, undefined, null);
    expect(new Set(fields.map((field) => field.path)).size).toBe(fields.length);
    const inner = fields.find((field) => field.at.join('/') === 'a/b');
    expect(applyEdits(tricky, fields, { [inner?.path ?? '']: 'new' }).args).toEqual({
      ...tricky,
      a: { b: 'new', '': 'three' },
    });
  });

  test('leaves every other value as it was, key by key', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (made) => {
        const any: JsonObject = JSON.parse(JSON.stringify(made));
        const fields = fieldsOf(any, undefined, null);
        const same = Object.fromEntries(fields.map((field) => [field.path, textOf(field, any)]));
        expect(applyEdits(any, fields, same).args).toEqual(any);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the call’s own schema', () => {
  const schema = {
    type: 'object',
    properties: { amount: { type: 'number', maximum: 500 }, note: { minLength: 2 } },
  };

  test('names what an edit breaks, by path', () => {
    expect(
      Object.keys(schemaProblems(schema, { amount: 1, note: 'ok' }, { amount: 501, note: 'ok' })),
    ).toEqual(['amount']);
  });

  test('does not hold the agent’s own faults against the reviewer', () => {
    expect(schemaProblems(schema, { amount: 1, note: 'x' }, { amount: 2, note: 'x' })).toEqual({});
  });

  test('can not hang the card with a regular expression', () => {
    const hostile = { properties: { note: { pattern: '^(a+)+$' } }, patternProperties: { '^(a+)+$': false } };
    const long = `${'a'.repeat(40)}!`;
    expect(schemaProblems(hostile, { note: '' }, { note: long, [long]: 1 })).toEqual({});
  });

  test('that can not be read holds nothing up', () => {
    expect(schemaProblems({ $ref: '#/nowhere' }, {}, { a: 1 })).toEqual({});
  });
});
