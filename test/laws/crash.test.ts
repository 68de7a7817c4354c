/**
 * Law 9 at every point: the wire to Redis breaks, or intake is killed, at the n-th command of a call, for every n.
 * Then the call is repeated, as a client would, and everything that Redis holds is checked.
 */
import type { JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type Answer,
  type Call,
  startTestIntake,
  type TestIntake,
  writePolicies,
} from '../support/intake.ts';
import { type IntakeProcess, startIntakeProcess } from '../support/intake-process.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type Fault, type Passing, type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import { decide, proposeAllowed, read } from './arena.ts';
import { feedViolations } from './feed-violations.ts';
import { indexViolations } from './index-violations.ts';
import { takeSnapshot } from './snapshot.ts';

const policies = `version: 1
rules:
  - { name: look, tools: [pay], effect: approval_required, timeout: 1h }
  - { name: run, tools: [read], effect: allow }
  - { name: after, tools: [tag], effect: review_after }
tools: { tag: { compensation: untag } }
`;

let redis: TestRedis;
let proxy: RedisProxy;
/** An intake that is spared, for what comes before and after the call that is struck. */
let calm: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  calm = await startTestIntake({ redisUrl: redis.url, policies });
  proxy = await startRedisProxy(redis.url);
});
afterAll(async () => {
  await calm.stop();
  await proxy.stop();
  await redis.stop();
});

/** A call that is struck: how to make it, and what must hold of its repeat (and its first answer, where one came). */
type Struck = {
  call: (call: Call) => Promise<Answer<JsonObject>>;
  check: (repeated: Answer<JsonObject>, first: Answer<JsonObject> | undefined) => Promise<void>;
};

let subjects = 0;

/** Proposes under an idempotency key: gated, or allowed with a token in the answer. */
async function proposing(tool: 'pay' | 'read'): Promise<Struck> {
  const n = ++subjects;
  return {
    call: (call) =>
      call(
        calm.keys.agent,
        'POST',
        '/v1/requests',
        { agent: 'tester', tool, args: { n } },
        { 'idempotency-key': `crash-${n}` },
      ),
    async check(repeated, first) {
      const idOf = ({ body }: Answer<JsonObject>): string => {
        const proposed = body as unknown as Proposed;
        return proposed.decision === 'approval_required' ? proposed.request.id : proposed.request_id;
      };
      expect(repeated.status).toBe(tool === 'pay' ? 202 : 200);
      if (first !== undefined) expect(idOf(repeated)).toBe(idOf(first));
      expect((await read(calm, idOf(repeated))).args).toEqual({ n });
      const { records } = await takeSnapshot(redis.client());
      const digest = (await read(calm, idOf(repeated))).args_digest;
      expect([...records.values()].filter(({ args_digest }) => args_digest === digest)).toHaveLength(1);
    },
  };
}

/** Decides: by approving an edit, which writes most, or by rejecting, which writes after its commit as well. */
async function deciding(verdict: 'approve' | 'reject'): Promise<Struck> {
  const n = ++subjects;
  const request = await calm.propose({ tool: 'pay', args: { n, amount: 3 } });
  const more: JsonObject = verdict === 'approve' ? { args: { n, amount: 2 } } : { reason: 'no' };
  return {
    call: (call) =>
      decide({ ...calm, call }, calm.keys.reviewer, request, verdict, more) as Promise<Answer<JsonObject>>,
    async check(repeated) {
      expect(repeated.status).toBe(200);
      const view = await read(calm, request.id);
      expect(view.verdicts).toMatchObject([{ reviewer: 'ann', verdict }]);
      expect(view).toMatchObject(
        verdict === 'approve'
          ? { status: 'approved', args: { n, amount: 2 } }
          : { status: 'rejected', decision: { reason: 'no' } },
      );
    },
  };
}

/** Uses a token up, under an idempotency key. */
async function consuming(): Promise<Struck> {
  const n = ++subjects;
  const { id, token, args } = await proposeAllowed(calm, 'read', { n });
  return {
    call: (call) =>
      call(calm.keys.agent, 'POST', '/v1/tokens/consume', { token, args }, { 'idempotency-key': `run-${n}` }),
    async check(repeated) {
      expect([repeated.status, repeated.body.args]).toEqual([200, args]);
      const other = await calm.call(calm.keys.agent, 'POST', '/v1/tokens/consume', { token, args });
      expect(other.code).toBe('token_consumed');
      expect((await read(calm, id)).consumed_at).toBeDefined();
    },
  };
}

/** What ran before anyone looked: a reviewer wants it undone, or the agent says that it is. */
async function undoing(says: 'reviewer' | 'agent'): Promise<Struck> {
  const { keys, call: calmly } = calm;
  const { id, token, args } = await proposeAllowed(calm, 'tag', { n: ++subjects });
  await calmly(keys.agent, 'POST', '/v1/tokens/consume', { token, args });
  const { version, args_digest } = await read(calm, id);
  const at = `/v1/requests/${id}`;
  const seen = { version, args_digest };
  const ask = (call: Call) =>
    call(keys.reviewer, 'POST', `${at}/review`, { verdict: 'undo', reason: 'no', seen });
  if (says === 'agent') await ask(calmly);
  return {
    call: (call) =>
      says === 'reviewer' ? ask(call) : call(keys.agent, 'POST', `${at}/outcome`, { status: 'undone' }),
    async check(repeated) {
      expect(repeated.status).toBe(200);
      const { status, review } = await read(calm, id);
      expect(status).toBe(says === 'reviewer' ? 'undo_requested' : 'undone');
      expect(review).toMatchObject({ verdict: 'undo', by: 'ann', reason: 'no' });
    },
  };
}

const calls: [name: string, subject: () => Promise<Struck>][] = [
  ['propose, gated', () => proposing('pay')],
  ['propose, allowed', () => proposing('read')],
  ['approve with an edit', () => deciding('approve')],
  ['reject', () => deciding('reject')],
  ['consume', consuming],
  ['ask for an undo', () => undoing('reviewer')],
  ['say that it is undone', () => undoing('agent')],
];

/** What runs beside a call: the sweeper, BullMQ, and what a client says when it connects. */
function isBeside({ name, args }: Passing): boolean {
  return (
    ['smembers', 'zrangebyscore', 'info', 'client', 'subscribe', 'script'].includes(name) ||
    args.some((arg) => arg.includes('{cs:jobs}'))
  );
}

/** Strikes at the n-th command from now on; says which command it was. */
type Strike = { command: () => Passing | undefined };
function strikeAt(n: number, fault: Fault, counts = (_passing: Passing) => true): Strike {
  let seen = 0;
  let struck: Passing | undefined;
  proxy.intercept = (passing) => {
    if (struck !== undefined || isBeside(passing) || !counts(passing)) return undefined;
    seen += 1;
    if (seen < n) return undefined;
    struck = passing;
    return fault;
  };
  return { command: () => struck };
}

/** The answer of a call, or nothing where none came or the store was away. */
async function answerOf(call: Promise<Answer<JsonObject>>): Promise<Answer<JsonObject> | undefined> {
  const answer = await call.catch(() => undefined);
  if (answer?.status !== 503) return answer;
  expect(answer.code).toBe('unavailable');
  return undefined;
}

/** Repeats a call, as clients do, until the store is back. */
function repeat(struck: Struck, call: Call): Promise<Answer<JsonObject>> {
  proxy.intercept = () => undefined;
  return vi.waitFor(
    async () => {
      const answer = await answerOf(struck.call(call));
      if (answer === undefined) throw new Error('still away');
      return answer;
    },
    { timeout: 10_000, interval: 20 },
  );
}

async function expectNoViolation(): Promise<void> {
  const snapshot = await takeSnapshot(redis.client());
  expect([...feedViolations(snapshot), ...indexViolations(snapshot)]).toEqual([]);
}

/** The script goes along in full on a connection that is new. */
const isCommit = ({ name }: Passing): boolean => name === 'evalsha' || name === 'eval';

/** Strikes every command of a call once, each in a call of its own, the commit among them. `one` makes a call, and aims right before it. */
async function strikeEach(fault: Fault, one: (aim: () => Strike) => Promise<void>): Promise<void> {
  const struck: Passing[] = [];
  const strikeOne = async (aim: () => Strike): Promise<boolean> => {
    let strike: Strike | undefined;
    await one(() => {
      strike = aim();
      return strike;
    });
    const command = strike?.command();
    if (command !== undefined) struck.push(command);
    return command !== undefined;
  };
  for (let n = 1; await strikeOne(() => strikeAt(n, fault)); n++);
  // A command that came in between shifts the others by one, and one of them goes free. It must not be this one.
  if (!struck.some(isCommit)) await strikeOne(() => strikeAt(1, fault, isCommit));
  expect(struck.some(isCommit)).toBe(true);
  expect(struck.length).toBeGreaterThan(2);
}

describe('law 9: the connection breaks at the n-th command, for every n', () => {
  let intake: TestIntake;
  beforeAll(async () => {
    intake = await startTestIntake({ redisUrl: proxy.url, policies, keys: calm.keys });
  });
  afterAll(() => intake.stop());

  for (const cut of ['before', 'after'] as const) {
    test.each(calls)(`of %s, ${cut} Redis runs it`, async (_name, subject) => {
      await strikeEach({ cut }, async (aim) => {
        const victim = await subject();
        aim();
        const first = await answerOf(victim.call(intake.call));
        await victim.check(await repeat(victim, intake.call), first);
      });
      await expectNoViolation();
    });
  }
});

// Killed before a command is the same to Redis as killed after the one before it, so one of the two is enough.
describe('law 9: intake is killed at the n-th command, for every n', () => {
  let written: ReturnType<typeof writePolicies>;
  let intake: IntakeProcess;
  const start = () => startIntakeProcess({ redisUrl: proxy.url, policiesDir: written.dir });
  beforeAll(async () => {
    written = writePolicies({ 'policy.yaml': policies });
    intake = await start();
  });
  afterAll(async () => {
    await intake.kill();
    written.remove();
  });

  test.each(calls)('of %s', { timeout: 240_000 }, async (_name, subject) => {
    const fault: Fault = { cut: 'after', meanwhile: () => intake.signal('SIGKILL') };
    await strikeEach(fault, async (aim) => {
      const victim = await subject();
      const strike = aim();
      const first = await answerOf(victim.call(intake.call));
      if (strike.command() !== undefined) {
        await intake.kill();
        proxy.intercept = () => undefined;
        intake = await start();
      }
      await victim.check(await repeat(victim, intake.call), first);
    });
    await expectNoViolation();
  });
});

describe('law 9: Redis itself', () => {
  test('is killed and loses nothing that was acknowledged', async () => {
    const request: RequestView = await calm.propose({ tool: 'pay', args: { n: ++subjects } });
    const { body: approved } = await decide(calm, calm.keys.reviewer, request, 'approve');
    await redis.kill9();
    await redis.restart();
    const kept = await vi.waitFor(
      async () => {
        const answer = await calm.call<RequestView>(calm.keys.reviewer, 'GET', `/v1/requests/${request.id}`);
        if (answer.status === 503) throw new Error('still away');
        return answer.body;
      },
      { timeout: 10_000, interval: 20 },
    );
    expect(kept).toEqual(approved);
    await expectNoViolation();
  });
});
