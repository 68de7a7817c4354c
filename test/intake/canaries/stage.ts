/** An intake with a history of calls that were right, old enough to make canaries from. */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestView } from '@countersign/shared/contracts';
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import { loadRequest, type RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { beforeAll, vi } from 'vitest';
import { choicesOf, mutationsIn } from '../../../services/intake/canaries/choose.ts';
import { canaryFrom, writeCanary } from '../../../services/intake/canaries/plant.ts';
import { lookAt } from '../../../services/intake/canaries/scheduler.ts';
import { openContinuity } from '../../../services/intake/continuity/continuity.ts';
import { judgeCall } from '../../../services/intake/requests/limits.ts';
import { Commit } from '../../../services/intake/store/commit.ts';
import { connectForCommands } from '../../../services/intake/store/connect.ts';
import { openWorkspaces, type Workspaces } from '../../../services/intake/workspace/workspaces.ts';
import { onStage, type Stage } from '../stage.ts';

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

/** A stage with what its intake works with beside it, for the tests of a file. */
export function onStageWithInside(policy: string): { stage: Stage; inside: Behind } {
  const stage = onStage(policy);
  const inside = {} as Behind;
  beforeAll(async () => {
    Object.assign(inside, await behind(stage.server));
    return () => inside.close();
  });
  return { stage, inside };
}

/** The record of a request as it is kept. */
export const recordOf = async ({ redis }: Stage, id = ''): Promise<RequestRecord> =>
  JSON.parse((await redis.hget(keys.request(id), 'record')) ?? '{}');

/** The scheduler looks at this workspace, alone: every review draws a canary, and at once. Gives the id of one that it plants. */
export async function look(stage: Stage, inside: Behind): Promise<string | undefined> {
  await keepToOurselves(stage);
  return lookAt(inside, 'default', () => 0);
}

/** Has the intake take this policy, unless it has it. */
export async function activate({ intake, redis }: Stage, policy: string): Promise<void> {
  const file = join(intake.policiesDir, 'policy.yaml');
  if (readFileSync(file, 'utf8') === policy) return;
  const before = await redis.hget(keys.state, 'policy');
  writeFileSync(file, policy);
  await vi.waitUntil(async () => (await redis.hget(keys.state, 'policy')) !== before, 20_000);
}

/**
 * Keeps the intake's own scheduler from this workspace, so that a test alone reads what it makes happen. A policy that
 * is activated brings it back.
 */
export async function keepToOurselves({ redis }: Stage): Promise<void> {
  await redis.srem(globalKeys.workspaces, 'default');
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
    run_id: `run-${hash('sha256', `${made}`, 'hex').slice(0, 12)}`,
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

/**
 * Plants one made from this request, past every limit of the scheduler, as if its agent had just asked for that again;
 * gives its id.
 */
export async function plantFrom({ redis, workspaces }: Behind, source: string): Promise<string> {
  for (;;) {
    const [of, current] = await Promise.all([
      loadRequest(redis, keys, source),
      workspaces.current('default'),
    ]);
    if (of?.payloads.first === undefined || current === undefined) throw new Error('it is not on record');
    const { agent, tool, run_id } = of.record;
    const { args, said } = of.payloads.first;
    const action = { agent, tool, args, ...(run_id === undefined ? {} : { run_id }) };
    const { context } = said ?? {};
    const { answer } = await judgeCall(redis, current, {
      ...action,
      ...(context === undefined ? {} : { context }),
    });
    const { terms, rules } = answer;
    const record = { ...of.record, terms, rules: rules.map(({ name }) => name) };
    const mutations = mutationsIn(of, () => 0);
    const asked = [{ ...of, record, alone: true }];
    const [choice] = choicesOf(of, source, mutations, asked, current.now, Math.random);
    const canary = choice && (await canaryFrom(redis, choice, current));
    if (canary === undefined) throw new Error('no canary can be made from this');
    const commit = new Commit();
    writeCanary(commit, current, canary);
    if ((await commit.run(redis)).outcome === 'ok') return canary.request.id;
  }
}
