import { loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import { expect, test } from 'vitest';

const day = 86_400_000;
const load = (...texts: string[]) =>
  loadPolicySet(texts.map((text, at): PolicyFile => ({ path: `${at}.yaml`, text: `version: 1\n${text}` })));
const retentionOf = (...texts: string[]) => {
  const loaded = load(...texts);
  return loaded.ok ? loaded.set.retention : loaded.problems;
};

test('what is not stated is kept', () => {
  expect(retentionOf('default: allow')).toEqual({});
  expect(retentionOf('retention: { texts: 90d }')).toEqual({ texts_ms: 90 * day });
  expect(retentionOf('retention: { names: 7y }')).toEqual({ names_ms: 7 * 365 * day });
});

test('of several files the shortest counts, of each kind', () => {
  expect(
    retentionOf(
      'retention: { texts: 90d }',
      'retention: { texts: 30d, names: 2y }',
      'retention: { names: 1y }',
    ),
  ).toEqual({ texts_ms: 30 * day, names_ms: 365 * day });
});

test.each(['90', '0d', '12h', '1.5y', 'never', '101y', '-3d'])(
  '%s is no period, and it says what is',
  (text) => {
    expect(load(`retention:\n  texts: ${text}`)).toMatchObject({
      ok: false,
      problems: [{ line: 3, column: 10, message: expect.stringContaining('days or years') }],
    });
  },
);

test('a kind that there is not is a mistake, and not kept for ever in silence', () => {
  expect(load('retention: { text: 90d }')).toMatchObject({
    ok: false,
    problems: [{ line: 2, message: expect.stringContaining('texts') }],
  });
});
