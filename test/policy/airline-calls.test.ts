import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCard } from '@countersign/shared/card';
import { evaluate, type JsonObject, loadPolicySet } from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const data = join(root, '../shared/data/airline-tool-calls.jsonl');

type Call = {
  agent: string;
  tool: string;
  args: JsonObject;
  kind: 'read' | 'write' | 'handoff';
  expected?: boolean;
};

// The calls are not the project's to ship: without them this suite is skipped, and says so.
describe.skipIf(!existsSync(data))('real calls (../shared/data/airline-tool-calls.jsonl)', () => {
  const calls = existsSync(data)
    ? readFileSync(data, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line): Call => JSON.parse(line))
    : [];
  const files = ['airline.yaml', 'starter.yaml'].map((path) => ({
    path,
    text: readFileSync(join(root, 'policies', path), 'utf8'),
  }));
  const loaded = loadPolicySet(files);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const answers = calls.map((call) => ({ call, answer: evaluate(loaded.set, call) }));

  test('reads and handovers run, and every write waits or is blocked', () => {
    for (const { call, answer } of answers) {
      const effects = call.kind === 'write' ? ['approval_required', 'deny'] : ['allow'];
      expect(effects).toContain(answer.effect);
    }
  });

  test('something is blocked, and nothing that the annotators expected', () => {
    const blocked = answers.filter(({ answer }) => answer.effect === 'deny');
    expect(blocked.length).toBeGreaterThan(0);
    expect(blocked.filter(({ call }) => call.expected)).toEqual([]);
  });

  test('every condition can be evaluated, and writes spread over the tiers', () => {
    expect(answers.flatMap(({ answer }) => answer.rules.flatMap(({ error }) => error ?? []))).toEqual([]);
    const tiers = answers.filter(({ call }) => call.kind === 'write').map(({ answer }) => answer.terms.tier);
    expect(new Set(tiers)).toEqual(new Set(['low', 'medium', 'high']));
  });

  test('every write reads as one sentence in which nothing is missing', () => {
    for (const { call, answer } of answers.filter(({ call: { kind } }) => kind === 'write')) {
      const title = answer.tool?.card?.title ?? '';
      const pieces = renderCard(title, call.args);
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.filter((piece) => 'missing' in piece)).toEqual([]);
    }
  });
});
