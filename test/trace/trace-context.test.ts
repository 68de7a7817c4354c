/** The cases of the W3C's own test suite for services, https://github.com/w3c/trace-context/tree/main/test */
import { isSampled, readTraceContext, traceHeaders } from '@countersign/shared/trace';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const trace_id = '12345678901234567890123456789012';
const parent_id = '1234567890123456';
const parent = `00-${trace_id}-${parent_id}-01`;

describe('traceparent', () => {
  test('says in which trace the caller is, at which span, and whether anybody records it', () => {
    expect(readTraceContext(parent, undefined)).toEqual({ trace_id, parent_id, flags: 1 });
    expect(isSampled({ trace_id, parent_id, flags: 1 })).toBe(true);
    expect(isSampled({ trace_id, parent_id, flags: 2 })).toBe(false);
  });

  test.each([
    ['a version to come', `cc-${trace_id}-${parent_id}-01`, 1],
    ['what it may add', `cc-${trace_id}-${parent_id}-01-what-the-future-will-be-like`, 1],
    ['bits of flags that nobody knows yet', `00-${trace_id}-${parent_id}-ff`, 3],
    ['space around it', ` ${parent}\t`, 1],
  ])('%s is read as far as it is known', (_what, text, flags) => {
    expect(readTraceContext(text, undefined)).toEqual({ trace_id, parent_id, flags });
  });

  test.each([
    ['absent', undefined],
    ['empty', ''],
    ['sent twice', `${parent}, ${parent}`],
    ['version 00 with something behind it', `${parent}.`],
    ['version 00 with a field behind it', `${parent}-what-the-future-will-be-like`],
    ['a version to come that goes on without a dash', `cc-${trace_id}-${parent_id}-01.what`],
    ['version ff', `ff-${trace_id}-${parent_id}-01`],
    ['a version that is no number', `.0-${trace_id}-${parent_id}-01`],
    ['a version too long', `000-${trace_id}-${parent_id}-01`],
    ['a version too short', `0-${trace_id}-${parent_id}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${parent_id}-01`],
    ['a trace id that is no number', `00-.${trace_id.slice(1)}-${parent_id}-01`],
    ['a trace id too long', `00-${trace_id}3-${parent_id}-01`],
    ['a trace id too short', `00-${trace_id.slice(1)}-${parent_id}-01`],
    ['a parent id of zeros', `00-${trace_id}-${'0'.repeat(16)}-01`],
    ['a parent id that is no number', `00-${trace_id}-${parent_id.slice(1)}.-01`],
    ['a parent id too long', `00-${trace_id}-${parent_id}7-01`],
    ['a parent id too short', `00-${trace_id}-${parent_id.slice(1)}-01`],
    ['flags that are no number', `00-${trace_id}-${parent_id}-.0`],
    ['flags too long', `00-${trace_id}-${parent_id}-001`],
    ['flags too short', `00-${trace_id}-${parent_id}-1`],
    ['upper case', `00-${trace_id.replace('12', 'AB')}-${parent_id}-01`],
  ])('%s counts as absent, and its tracestate with it', (_what, text) => {
    expect(readTraceContext(text, 'foo=1')).toBeUndefined();
  });
});

describe('tracestate', () => {
  const stateOf = (text: string) => readTraceContext(parent, text)?.state;

  test.each([
    ['one member', 'foo=1', 'foo=1'],
    ['several, with space between them', 'foo=1 \t , \t bar=2, \t baz=3', 'foo=1,bar=2,baz=3'],
    ['empty members', 'foo=1,,,', 'foo=1'],
    ['a key of a tenant', 'tenant1@vendor=x', 'tenant1@vendor=x'],
    ['all that a key may have', 'a-z*/_0=1', 'a-z*/_0=1'],
    ['space within a value', 'foo=a b', 'foo=a b'],
    ['as many as there may be', many(32), many(32)],
    ['as long as is carried', `foo=${'x'.repeat(256)},bar=${'y'.repeat(247)}`, undefined],
  ])('%s is carried', (_what, text, carried) => {
    expect(stateOf(text)).toBe(carried ?? text);
  });

  test.each([
    ['empty', ''],
    ['without a value', 'foo'],
    ['an empty value', 'foo='],
    ['space in a key', 'foo =1'],
    ['upper case in a key', 'FOO=1'],
    ['a dot in a key', 'foo.bar=1'],
    ['a value with =', 'foo=bar=baz'],
    ['a key that is there twice', 'foo=1,foo=1'],
    ['a key too long', `${'z'.repeat(257)}=1`],
    ['a value too long', `foo=${'v'.repeat(257)}`],
    ['more members than there may be', many(33)],
    ['longer than is carried', `foo=${'x'.repeat(256)},bar=${'y'.repeat(256)}`],
  ])('%s is left out, and the trace stays', (_what, text) => {
    expect(readTraceContext(parent, text)).toEqual({ trace_id, parent_id, flags: 1 });
  });
});

test('no pair of headers is too odd to be read or left out', () => {
  const hex = (length: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
  const near = fc.tuple(hex(2), hex(32), hex(16), hex(2)).map((parts) => parts.join('-'));
  const header = fc.option(fc.oneof(fc.string(), near, fc.string({ unit: fc.constantFrom(...'a=,@ \t1') })), {
    nil: undefined,
  });
  fc.assert(
    fc.property(header, header, (parentText, stateText) => {
      const read = readTraceContext(parentText, stateText);
      if (read === undefined) return;
      const { traceparent, tracestate } = traceHeaders(read, read.parent_id);
      expect(readTraceContext(traceparent, tracestate)).toEqual(read);
    }),
    { numRuns: 2_000 },
  );
});

test('what is written for a call of our own is read as the same trace, under another span', () => {
  const read = readTraceContext(`00-${trace_id}-${parent_id}-03`, 'foo=1,bar=2');
  expect(read).toBeDefined();
  if (read === undefined) return;
  const { traceparent, tracestate } = traceHeaders(read, 'aaaaaaaaaaaaaaaa');
  expect(traceparent).toBe(`00-${trace_id}-aaaaaaaaaaaaaaaa-03`);
  expect(readTraceContext(traceparent, tracestate)).toEqual({ ...read, parent_id: 'aaaaaaaaaaaaaaaa' });
});

function many(members: number): string {
  return Array.from({ length: members }, (_, index) => `k${index}=1`).join(',');
}
