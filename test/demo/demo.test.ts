import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { arithmetic } from '../../demo/arithmetic.ts';
import { conversations, readCalls } from '../../demo/calls.ts';
import { check } from '../../demo/check.ts';
import { inert } from '../../demo/inert.ts';
import { autoJudge } from '../../demo/judge.ts';
import { type Played, play } from '../../demo/play.ts';
import { duration } from '../../demo/screen.ts';
import { type Entry, openStore } from '../../demo/store.ts';
import { summary } from '../../demo/summary.ts';
import { tools } from '../../demo/tools.ts';
import { createClient } from '../../sdk/index.ts';
import { fakeIntake } from '../sdk/fake-intake.ts';
import { ROOT } from '../support/sources.ts';

const dir = mkdtempSync(join(tmpdir(), 'countersign-demo-test-'));
afterAll(() => rmSync(dir, { recursive: true }));

const example = readCalls(join(ROOT, 'demo/calls.jsonl'));

describe('the calls', () => {
  test('the example has a read, a write and a repeat-proof id in each conversation', () => {
    expect(example).toHaveLength(12);
    expect(conversations(example)).toHaveLength(4);
    expect(example.filter(({ tool }) => !Object.hasOwn(tools, tool))).toEqual([]);
  });

  test.each([
    ['\n', ': has no calls'],
    ['{', ':1: not a line of JSON'],
    ['[]', ':1: : '],
    ['\n{"trajectory":"t","step":"1"}', ':2: step'],
    [
      '{"trajectory":"t","step":1,"agent":"a","tool":"x","call_id":"c","args":[]}',
      ':1: args: must be a JSON object',
    ],
  ])('a line that is not a call is named: %s', (text, message) => {
    const path = join(dir, 'broken.jsonl');
    writeFileSync(path, text);
    expect(() => readCalls(path)).toThrow(`${path}${message}`);
  });
});

test.each([
  ['152 + 103', 255],
  ['(350 - 122) * 2 + (499 - 127) * 2', 1200],
  ['-(3 - 5) / 4', 0.5],
  ['498 * 1.5', 747],
])('the calculator: %s = %d', (expression, value) => {
  expect(arithmetic(expression)).toBe(value);
});

test.each(['process.exit()', 'a + 1', '"1" + 1', '1 % 2', '1 2', ''])(
  'the calculator refuses %o',
  (expression) => {
    expect(() => arithmetic(expression)).toThrow();
  },
);

test('text of an agent stays text', () => {
  expect(inert('\x1b[31mred\x07\u202Egnp.exe\n\n  next')).toBe('⟨U+001B⟩[31mred⟨U+0007⟩⟨U+202E⟩gnp.exe next');
  expect(inert('x'.repeat(300), 10)).toBe('xxxxxxxxx…');
});

test.each([
  [-5, '0s'],
  [7_400, '7s'],
  [249_000, '4m 09s'],
  [3_900_000, '1h 05m'],
])('%d ms is shown as %s', (ms, shown) => {
  expect(duration(ms)).toBe(shown);
});

describe('a play against an intake', () => {
  async function playExample(spoil: (entries: Entry[], played: Played[]) => Entry[] = (entries) => entries) {
    const intake = fakeIntake({
      get_user_details: 'allow',
      get_reservation_details: 'allow',
      search_direct_flight: 'allow',
      calculate: 'allow',
      transfer_to_human_agents: 'allow',
    });
    const client = createClient({
      url: 'http://intake.test',
      key: 'k',
      agent: 'airline-support',
      fetch: intake.fetch,
    });
    const store = openStore(join(dir, `${Math.random()}.jsonl`), example);
    const judge = autoJudge();
    const played = await play({
      calls: example,
      client,
      store,
      name: 'test',
      together: 4,
      onPending(_, request) {
        const judgement = judge(request);
        if (judgement?.verdict === 'reject') {
          intake.stop(request.id, 'rejected', 'approval_rejected', judgement.reason);
        } else if (judgement) {
          const { args, reason = '' } = judgement;
          if (args) intake.change(request.id, { proposed_args: request.args });
          intake.approve(request.id, args && { args, reason });
        }
      },
      onEnd: () => {},
      pause: async () => {},
    });
    return { store, played, found: await check(played, spoil(store.entries(), played), client) };
  }

  test('every approved call ran once with the arguments of its decision: the check finds nothing', async () => {
    const { found, store } = await playExample();
    expect(found).toMatchObject({
      calls: 12,
      ran: 11,
      waited: 5,
      edited: 1,
      rejected: 1,
      failed: 0,
      duplicates: 0,
    });
    expect(found.problems).toEqual([]);
    expect(summary(found).at(-1)).toContain('every approved call ran once');
    const airline = store.airlines.get('lost-afternoon');
    expect(airline?.customers.get('tomas_reyes_5531')?.certificates.map(({ amount }) => amount)).toEqual([
      75, 5000,
    ]);
    expect(store.airlines.get('change-of-plans')?.reservations.get('W2NXB5')?.status).toBe('booked');
  });

  const lies: [string, (entries: Entry[], played: Played[]) => Entry[], string][] = [
    ['a second run', (entries) => [...entries, ...entries.slice(0, 1)], 'ran 2 times, not 1'],
    ['a lost run', (entries) => entries.slice(1), 'ran 0 times, not 1'],
    [
      'other arguments',
      (entries) => entries.map((each) => ({ ...each, args: { ...each.args, amount: 1 } })),
      'ran with other arguments',
    ],
    [
      'a run of what was rejected',
      (entries, played) => {
        const request_id = played.find(({ ending }) => ending === 'approval_rejected')?.request_id ?? '';
        return [...entries, { at: '', request_id, trajectory: '', tool: '', args: {} }];
      },
      'ran 1 times, not 0',
    ],
    [
      'a run that nobody asked for',
      (entries) => [...entries, { at: '', request_id: 'req-x', trajectory: '', tool: '', args: {} }],
      'no call of this play',
    ],
  ];
  test.each(lies)('the check finds %s', async (_, spoil, problem) => {
    const { found } = await playExample(spoil);
    expect(found.problems.join('\n')).toContain(problem);
    expect(summary(found).at(-1)).toContain('do not hold together');
  });
});
