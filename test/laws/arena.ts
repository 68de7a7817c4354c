/** Where races are run: one Redis, two intakes on it, three reviewers. */
import type { Consumed, JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { afterEach } from 'vitest';
import { type Answer, startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis } from '../support/redis.ts';
import { feedViolations } from './feed-violations.ts';
import { indexViolations } from './index-violations.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

export type Arena = {
  /** Two intakes on the same Redis, as two machines would be. */
  left: TestIntake;
  right: TestIntake;
  /** Three reviewers' keys. */
  ann: string;
  bo: string;
  di: string;
  redis: Redis;
  /** Everything in Redis, and what of it breaks a law. */
  inspect: () => Promise<Snapshot & { violations: string[] }>;
  close: () => Promise<void>;
};

/** Opens an arena of its own for one race, under this policy, or these of several workspaces. */
export async function openArena(policies: string | Record<string, string>): Promise<Arena> {
  const server = await startTestRedis();
  const left = await startTestIntake({ redisUrl: server.url, policies });
  const right = await startTestIntake({ redisUrl: server.url, policies, keys: left.keys });
  const di = await left.addReviewer('di');
  const redis = server.client();
  return {
    left,
    right,
    ann: left.keys.reviewer,
    bo: left.keys.lead,
    di,
    redis,
    async inspect() {
      const snapshot = await takeSnapshot(redis);
      return { ...snapshot, violations: [...feedViolations(snapshot), ...indexViolations(snapshot)] };
    },
    async close() {
      await Promise.all([left.stop(), right.stop()]);
      await server.stop();
    },
  };
}

/** For a file of races: opens an arena for each of its tests, and closes it after the test. */
export function arenaPerTest(): (policies: string) => Promise<Arena> {
  let arena: Arena | undefined;
  afterEach(async () => {
    await arena?.close();
    arena = undefined;
  });
  return async (policies) => {
    arena = await openArena(policies);
    return arena;
  };
}

/** Proposes a call that policy allows; answers with its id and token. */
export async function proposeAllowed(
  { call, keys }: TestIntake,
  tool: string,
  args: JsonObject,
): Promise<{ id: string; token: string; args: JsonObject }> {
  const body = { agent: 'tester', tool, args };
  const { body: proposed } = await call<Proposed>(keys.agent, 'POST', '/v1/requests', body);
  if (proposed.decision !== 'allow' || proposed.token === undefined) {
    throw new Error(`expected to be allowed: ${JSON.stringify(proposed)}`);
  }
  return { id: proposed.request_id, token: proposed.token, args };
}

/** Gives a verdict on what `request` shows; `more` holds edited args or a reason. */
export function decide(
  { call }: TestIntake,
  key: string,
  request: RequestView,
  verdict: 'approve' | 'reject',
  more: JsonObject = {},
): Promise<Answer<RequestView>> {
  const { id, version, args_digest } = request;
  return call(key, 'POST', `/v1/requests/${id}/decision`, {
    verdict,
    seen: { version, args_digest },
    ...more,
  });
}

/** Reads a request, as its agent. */
export async function read({ call, keys }: TestIntake, id: string): Promise<RequestView> {
  return (await call<RequestView>(keys.agent, 'GET', `/v1/requests/${id}`)).body;
}

/** Uses a token up, as its agent. */
export function consume(
  { call, keys }: TestIntake,
  { token, args }: { token: string; args: JsonObject },
  idempotencyKey?: string,
): Promise<Answer<Consumed>> {
  const headers: Record<string, string> =
    idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  return call(keys.agent, 'POST', '/v1/tokens/consume', { token, args }, headers);
}
