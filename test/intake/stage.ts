/** What every test here stands on: a Redis, an intake under a policy, and calls that are held against the contract. */
import type { JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { type Answer, type Call, startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { describedCalls, type OpenApi, openApiOf } from './described.ts';

export type Stage = {
  server: TestRedis;
  /** A client of the same Redis, to look behind the API. */
  redis: Redis;
  intake: TestIntake;
  keys: TestIntake['keys'];
  document: OpenApi;
  call: Call;
  /** Proposes as the agent `tester`, whatever the answer is. */
  propose: (
    body: { tool: string; args: JsonObject } & Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<Answer<Proposed>>;
  /** Proposes what a human must look at. */
  ask: (tool: string, args: JsonObject, more?: Record<string, unknown>) => Promise<RequestView>;
  read: (key: string, id: string, headers?: Record<string, string>) => Promise<Answer<RequestView>>;
  /** Gives a verdict on a request as it was shown. */
  decide: (
    key: string,
    shown: Pick<RequestView, 'id' | 'version' | 'args_digest'>,
    body: { verdict: 'approve' | 'reject' } & Record<string, unknown>,
  ) => Promise<Answer<RequestView>>;
  /** A call on a request: `cancel`, `view`, `claim`, `undo`, `revoke`. */
  act: (key: string, id: string, verb: string, body?: JsonObject) => Promise<Answer<RequestView>>;
};

/** Sets the stage before the tests of a file and clears it after them. `policies` as `startTestIntake` takes them. */
export function onStage(policies?: string | Record<string, string>): Stage {
  const stage = {} as Stage;
  beforeAll(async () => {
    const server = await startTestRedis();
    const intake = await startTestIntake({
      redisUrl: server.url,
      ...(policies === undefined ? {} : { policies }),
    });
    const document = await openApiOf(intake.url);
    const call = describedCalls(document, intake.call);
    const propose: Stage['propose'] = (body, headers) =>
      call<Proposed>(intake.keys.agent, 'POST', '/v1/requests', { agent: 'tester', ...body }, headers);
    Object.assign(stage, {
      server,
      redis: server.client(),
      intake,
      keys: intake.keys,
      document,
      call,
      propose,
      async ask(tool, args, more) {
        const { body } = await propose({ tool, args, ...more });
        if (body.decision === 'approval_required') return body.request;
        throw new Error(`expected to wait for a human: ${JSON.stringify(body)}`);
      },
      read: (key, id, headers) => call(key, 'GET', `/v1/requests/${id}`, undefined, headers),
      decide: (key, { id, version, args_digest }, body) =>
        call(key, 'POST', `/v1/requests/${id}/decision`, { seen: { version, args_digest }, ...body }),
      act: (key, id, verb, body = {}) => call(key, 'POST', `/v1/requests/${id}/${verb}`, body),
    } satisfies Stage);
  });
  afterAll(async () => {
    await stage.intake?.stop();
    await stage.server?.stop();
  });
  return stage;
}
