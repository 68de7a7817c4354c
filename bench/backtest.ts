/** A policy of some size, held against a sealed log of some length, against the same answers without a log. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate, loadPolicySet, type PolicyFile, type PolicySet } from '@countersign/shared/policy';
import { openBacktests } from '../services/ledger/backtest/backtests.ts';
import type { Job } from '../services/ledger/backtest/job.ts';
import { openDisk } from '../services/ledger/disk/disk.ts';
import { openSealedLog } from '../services/ledger/reading/sealed-log.ts';
import { type Made, told } from '../test/ledger/backtest/made.ts';
import { sealedLog } from '../test/ledger/sealed-log.ts';
import { type Figure, median, short } from './figures.ts';

export type BacktestSize = { rounds: number; rules: number; actions: number };

const tools = 10;
const note = 'The customer was charged twice for one order, and asks for the money back. '.repeat(2);

/** Each tool has its share of the rules, and each rule a condition of its own. */
function policyOf(rules: number): { files: PolicyFile[]; set: PolicySet } {
  const written = Array.from({ length: rules }, (_, n) => ({
    name: `rule-${n}`,
    tools: [`tool-${n % tools}`],
    when: `param.amount > ${n * 10} and startswith(param.email, "user${n}") and not param.vip`,
    effect: n % 7 === 0 ? 'deny' : 'approval_required',
    tier: n % 2 === 0 ? 'high' : 'medium',
  }));
  const files = [
    { path: 'policy.yaml', text: JSON.stringify({ version: 1, default: 'allow', rules: written }) },
  ];
  const loaded = loadPolicySet(files);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return { files, set: loaded.set };
}

const actionOf = (n: number): Made => ({
  id: `req_${String(n).padStart(26, '0')}`,
  tool: `tool-${n % tools}`,
  args: { amount: n % 1_000, email: `user${n % 97}@example.com`, vip: n % 11 === 0, note },
  was: n % 3 === 0 ? 'approval_required' : 'allow',
  verdict: n % 15 === 0 ? 'reject' : 'approve',
});

/** Medians over the rounds: everything is read from the disk each time, by a thread that begins with it. */
export async function measureBacktest({ rounds, rules, actions }: BacktestSize): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-backtest-'));
  try {
    const writing = await sealedLog(folder);
    for (let first = 0; first < actions; first += 1_024) {
      const some = Array.from({ length: Math.min(1_024, actions - first) }, (_, n) => first + n);
      await writing.add(some.flatMap((n) => told(actionOf(n), n)));
    }
    const log = await openSealedLog(openDisk(folder));
    if (log === undefined) throw new Error('nothing was sealed');
    const { files, set } = policyOf(rules);
    const backtests = openBacktests();
    const job: Job = { kind: 'simulation', folder, files, period: {}, audited: [], cleared: [] };
    const times = { ours: [] as number[], bare: [] as number[], ratio: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      let toldTimes = 0;
      const begun = performance.now();
      const telling = { onProgress: () => toldTimes++, signal: AbortSignal.timeout(600_000) };
      const result = await backtests.run('bench', job, telling);
      const ours = performance.now() - begun;
      if (result?.actions !== actions || toldTimes < 2) throw new Error('not every action was judged');
      const before = performance.now();
      for (let n = 0; n < actions; n++) {
        const { tool = '', args } = actionOf(n);
        evaluate(set, { agent: 'shop', tool, args: args as Parameters<typeof evaluate>[1]['args'] });
      }
      const bare = performance.now() - before;
      if (round === 0) continue;
      times.ours.push(ours);
      times.bare.push(bare);
      times.ratio.push(ours / bare);
    }
    return [
      {
        what: `backtest of a ${rules}-rule policy over ${short(actions)} recorded actions (${short(log.size)} entries)`,
        value: `${short(median(times.ours) / 1_000)} s`,
        against: `${short(median(times.bare) / 1_000)} s: the same answers without a log`,
        ratio: `${short(median(times.ratio))}× the time`,
        aim: '< 10 s',
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
