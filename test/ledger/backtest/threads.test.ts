/** Backtests have threads of their own: they come to the same there, and end when nobody wants them any more. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBacktests } from '../../../services/ledger/backtest/backtests.ts';
import type { Job } from '../../../services/ledger/backtest/job.ts';
import { simulate } from '../../../services/ledger/backtest/run.ts';
import { takeTurns } from '../../../services/ledger/history/turns.ts';
import { type MadeLog, policyOf, sealedOf } from './made.ts';

const text = `
version: 1
default: allow
rules: [{ name: large, tools: [refund], when: param.amount > 500, effect: approval_required }]
`;
const backtests = openBacktests();
let made: MadeLog;
let job: Job;

beforeAll(async () => {
  made = await sealedOf(Array.from({ length: 1_500 }, (_, n) => ({ id: `n${n}`, args: { amount: n } })));
  const files = [{ path: 'policy.yaml', text }];
  job = { kind: 'simulation', folder: made.folder, files, period: {}, audited: ['n3'], cleared: ['n4'] };
});
afterAll(async () => {
  await backtests.close();
  await made.remove();
});

const never = new AbortController().signal;
const quiet = { onProgress: () => undefined, signal: never };

test('a thread comes to what this one would, and tells how far it is', async () => {
  const stages = new Set<string>();
  const found = await backtests.run('a', job, { ...quiet, onProgress: ({ stage }) => stages.add(stage) });
  const audited = { audited: ['n3'], cleared: ['n4'] };
  expect(found).toEqual(await simulate(made.log, policyOf(text), {}, audited));
  expect([...stages]).toEqual(['reading', 'judging']);
});

test('whoever leaves ends theirs, begun or not, and the next one has its turn', async () => {
  const leaving = new AbortController();
  const begun = new Promise<void>((go) => {
    const telling = { onProgress: () => go(), signal: leaving.signal };
    for (const _ of Array.from({ length: 4 })) backtests.run('a', job, telling)?.catch(() => undefined);
  });
  expect(backtests.run('a', job, quiet)).toBeUndefined();
  const other = backtests.run('b', job, quiet);
  await begun;
  leaving.abort();
  await expect(other).resolves.toMatchObject({ actions: 1_500 });
  await expect(backtests.run('a', job, quiet)).resolves.toMatchObject({ actions: 1_500 });
});

test('what a thread fails with is what it is answered with, and fails nothing else', async () => {
  const nowhere = backtests.run('a', { ...job, folder: `${made.folder}-none` }, quiet);
  await expect(nowhere).rejects.toThrow('There is no sealed log any more.');
  await expect(backtests.run('a', job, quiet)).resolves.toMatchObject({ actions: 1_500 });
});

test('closing ends what is under way', async () => {
  const closing = openBacktests();
  let running: Promise<unknown> | undefined;
  await new Promise<void>((begun) => {
    running = closing.run('a', job, { onProgress: () => begun(), signal: never })?.catch(String);
  });
  await closing.close();
  expect(await running).toMatch(/abort/i);
});

test('who leaves the line before their turn leaves no gap in it', async () => {
  const turns = takeTurns(1);
  const order: string[] = [];
  let open = (): void => undefined;
  const first = turns(() => new Promise<void>((go) => (open = go)));
  const leaving = new AbortController();
  const second = turns(async () => void order.push('second'), leaving.signal);
  const third = turns(async () => void order.push('third'), leaving.signal);
  const fourth = turns(async () => void order.push('fourth'));
  leaving.abort(new Error('left'));
  await expect(Promise.all([second.catch(String), third.catch(String)])).resolves.toEqual(
    Array(2).fill('Error: left'),
  );
  open();
  await Promise.all([first, fourth, turns(async () => void order.push('fifth'))]);
  expect(order).toEqual(['fourth', 'fifth']);
});
