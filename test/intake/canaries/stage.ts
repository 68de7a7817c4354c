/** An intake with a history of calls that were right, old enough to make canaries from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestView } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { loadRequest } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { vi } from 'vitest';
import { canaryFrom, writeCanary } from '../../../services/intake/canaries/plant.ts';
import { openContinuity } from '../../../services/intake/continuity/continuity.ts';
import { Commit } from '../../../services/intake/store/commit.ts';
import { connectForCommands } from '../../../services/intake/store/connect.ts';
import { openWorkspaces, type Workspaces } from '../../../services/intake/workspace/workspaces.ts';
import type { Stage } from '../stage.ts';

export const keys = workspaceKeys('default');

/** A policy whose programme has been announced; `more` is the rest of it. */
export const announced = (more = '', programme = 'announced: 2026-01-02, rate: 0.02') => `
version: 1
default: approval_required
canaries: { ${programme} }
${more}`;

/** What intake itself works with, in this process. */
export async function behind({ url }: { url: string }): Promise<{
  redis: Redis;
  workspaces: Workspaces;
  onTimers: () => void;
  close: () => void;
}> {
  const redis = connectForCommands(url, pino({ level: 'silent' }));
  await redis.connect();
  const workspaces = openWorkspaces(redis, openContinuity(redis, undefined));
  return { redis, workspaces, onTimers: () => {}, close: () => redis.disconnect() };
}

export type Behind = Awaited<ReturnType<typeof behind>>;

/** Has the intake take this policy, unless it has it. */
export async function activate({ intake, redis }: Stage, policy: string): Promise<void> {
  const file = join(intake.policiesDir, 'policy.yaml');
  if (readFileSync(file, 'utf8') === policy) return;
  const before = await redis.hget(keys.state, 'policy');
  writeFileSync(file, policy);
  await vi.waitUntil(async () => (await redis.hget(keys.state, 'policy')) !== before, 20_000);
}

let made = 0;

/** A refund as the agent proposes it: reason and context say what is meant. */
export function refund(tool = 'orders.refund'): {
  tool: string;
  args: { amount: number; order_id: string };
  reason: string;
  context: object;
  run_id: string;
} {
  const order_id = `ord-${71_000 + ++made}`;
  const amount = 100 + made;
  return {
    tool,
    args: { amount, order_id },
    reason: `The customer returned ${order_id}: ${amount} is what they paid.`,
    context: { channel: 'mail' },
    run_id: `run-${91_000 + made}`,
  };
}

/** Proposes a refund, approves it as `ann`, and makes it three hours old to whoever looks for what to make canaries from. */
export async function wasApproved(stage: Stage, of?: string): Promise<RequestView> {
  const { tool, args, ...more } = refund(of);
  const request = await stage.ask(tool, args, more);
  const approved = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  if (approved.body.status !== 'approved') throw new Error(`not approved: ${JSON.stringify(approved.body)}`);
  const then = Date.parse(request.created_at) - 3 * 3_600_000;
  await stage.redis.zadd(keys.index('status', 'approved'), then, request.id);
  return approved.body;
}

/** Plants one made from this request, past every limit of the scheduler; gives its id. */
export async function plantFrom(
  { redis, workspaces }: Behind,
  source: string,
  draw: () => number = () => 0,
): Promise<string> {
  for (;;) {
    const current = await workspaces.current('default');
    const loaded = await loadRequest(redis, keys, source);
    const canary = current && loaded && canaryFrom(loaded, current, draw);
    if (current === undefined || canary === undefined) throw new Error('no canary can be made from this');
    const commit = new Commit();
    writeCanary(commit, current.snapshot, canary);
    if ((await commit.run(redis)).outcome === 'ok') return canary.request.id;
  }
}
