/** What a policy can say of canaries. */
import { isRunning, loadPolicySet } from '@countersign/shared/policy';
import { expect, test } from 'vitest';

const load = (...texts: string[]) =>
  loadPolicySet(texts.map((text, index) => ({ path: `${index}.yaml`, text: `version: 1\n${text}` })));
function programmeIn(text: string) {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set.canaries;
}
const codes = (...texts: string[]) => {
  const loaded = load(...texts);
  return loaded.ok ? [] : loaded.problems.map(({ code, line }) => [code, line]);
};

test('nothing is planted until an admin announces it, and not before that day', () => {
  expect(programmeIn('default: allow')).toBeUndefined();
  expect(programmeIn('canaries: { announced: 2026-11-22, enabled: false }')).toBeUndefined();
  const programme = programmeIn('canaries: { announced: 2026-11-22 }');
  expect(programme).toMatchObject({ announced: '2026-11-22', rate: 0.01 });
  expect(isRunning(programme, Date.parse('2026-11-21T23:59:59Z'))).toBe(false);
  expect(isRunning(programme, Date.parse('2026-11-22T00:00:00Z'))).toBe(true);
  expect(isRunning(undefined, Date.parse('2030-01-01'))).toBe(false);
});

test('it concerns the tools that it names, or all', () => {
  expect(programmeIn('canaries: { announced: 2026-11-22 }')?.concerns('any.tool')).toBe(true);
  const some = programmeIn('canaries: { announced: 2026-11-22, tools: ["orders.*"] }');
  expect([some?.concerns('orders.refund'), some?.concerns('email.send')]).toEqual([true, false]);
});

test('what costs more attention than it measures, or has no day, does not load', () => {
  expect(codes('canaries: { announced: 2026-11-22, rate: 0.05 }')).toEqual([['invalid_value', 2]]);
  expect(codes('canaries: { announced: 2026-11-22, rate: 0 }')).toEqual([['invalid_value', 2]]);
  expect(codes('canaries: { announced: soon }')).toEqual([['invalid_value', 2]]);
  expect(codes('canaries: { rate: 0.01 }')).toEqual([['missing_key', 2]]);
  expect(codes('canaries: { announced: 2026-11-22, everywhere: true }')).toEqual([['unknown_key', 2]]);
});

test('it stands in one file', () => {
  const one = 'canaries: { announced: 2026-11-22 }';
  expect(codes(one, one)).toEqual([['duplicate_canaries', 2]]);
});
