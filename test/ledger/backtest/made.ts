/** Logs of made-up actions for backtests: allowed, denied or decided by a person, with what became of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDisk } from '../../../services/ledger/disk/disk.ts';
import { openSealedLog, type SealedLog } from '../../../services/ledger/reading/sealed-log.ts';
import { loadPolicySet, type PolicySet } from '../../../shared/policy/index.ts';
import { sealedLog, type Told } from '../sealed-log.ts';

export type Made = {
  id: string;
  args: Record<string, unknown>;
  tool?: string;
  agent?: string;
  at?: number;
  /** Policy's answer then. */
  was?: 'allow' | 'approval_required' | 'deny';
  tier?: string;
  /** What the reviewer did, where a person was asked. */
  verdict?: 'approve' | 'reject' | 'edit';
  /** What came after. */
  after?: 'revoked' | 'failed';
  /** Members of `action.proposed.data` beside the usual. */
  data?: Record<string, unknown>;
  said?: Record<string, unknown>;
  planted?: boolean;
};

/** When the first one happens, ms. */
export const BEGIN = Date.UTC(2026, 0, 1);

/** What intake would have told of it. */
export function told(made: Made, index = 0): Told[] {
  const { id, args, tool = 'refund', agent = 'shop', at = BEGIN + index * 1_000 } = made;
  const { was = 'approval_required', tier = was === 'allow' ? 'low' : 'medium', verdict = 'approve' } = made;
  const about = { request_id: id, agent, tool, tier, at };
  const byAgent = { kind: 'agent', id: agent } as const;
  const byAnn = { kind: 'person', id: 'ann' } as const;
  const byPolicy = { kind: 'policy', id: 'policy' } as const;
  const end = {
    ...(made.planted === undefined ? {} : { data: { canary: { planted: made.planted, salt: 's' } } }),
  };
  const proposed: Told = {
    ...about,
    type: 'action.proposed',
    actor: byAgent,
    data: { effect: was, rules: ['then'], ...made.data },
    text: JSON.stringify({
      args,
      salt: id,
      why: [],
      ...(made.said === undefined ? {} : { said: made.said }),
    }),
  };
  const events: Told[] = [proposed];
  if (was === 'allow') events.push({ ...about, type: 'action.allowed', actor: byPolicy });
  else if (was === 'deny') events.push({ ...about, type: 'action.denied', actor: byPolicy });
  else {
    const given = { verdict: verdict === 'reject' ? 'reject' : 'approve', edited: verdict === 'edit' };
    const ended = verdict === 'reject' ? 'request.rejected' : 'request.approved';
    events.push(
      { ...about, type: 'request.created', actor: byPolicy },
      { ...about, type: 'verdict.given', actor: byAnn, data: given },
      { ...about, ...end, type: ended, actor: byAnn },
    );
  }
  if (made.after === 'revoked') events.push({ ...about, type: 'request.revoked', actor: byAnn });
  if (made.after === 'failed')
    events.push({ ...about, type: 'outcome.reported', actor: byAgent, data: { status: 'failed' } });
  return events;
}

export type MadeLog = { folder: string; log: SealedLog; remove: () => Promise<void> };

/** Seals them in their order. */
export async function sealedOf(all: readonly Made[]): Promise<MadeLog> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-backtest-'));
  await (await sealedLog(folder)).add(all.flatMap(told));
  const log = await openSealedLog(openDisk(folder));
  if (log === undefined) throw new Error('nothing was sealed');
  return { folder, log, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A policy from its text. Throws where it does not load. */
export function policyOf(text: string): PolicySet {
  const loaded = loadPolicySet([{ path: 'policy.yaml', text }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set;
}
