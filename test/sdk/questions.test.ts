/** Reviewers ask back, and the agent answers while it waits: against the real intake. */
import type { QuestionView, RequestView } from '@countersign/shared/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApprovalOptions, createClient, Refused, requireApproval } from '../../sdk/index.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { failure, type Refund } from './agent.ts';

let redis: TestRedis;
let intake: TestIntake;
beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({ redisUrl: redis.url });
});
afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
});

let agents = 0;

/** A wrapped tool, and what a reviewer does about its request. */
function startAgent(options: Partial<ApprovalOptions<Refund, string, never>>) {
  const client = createClient({ url: intake.url, key: intake.keys.agent, agent: `agent-${++agents}` });
  const refund = requireApproval(async ({ amount }: Refund) => `refunded ${amount}`, {
    client,
    tool: 'refund',
    ...options,
  });
  const pending = Promise.withResolvers<RequestView>();
  const result = refund({ order: 'A1', amount: 240 }, { onPending: pending.resolve });
  const act = async (verb: string, body: object) => {
    const { id } = await pending.promise;
    return (await intake.call<RequestView>(intake.keys.reviewer, 'POST', `/v1/requests/${id}/${verb}`, body))
      .body;
  };
  return {
    client,
    result,
    pending: pending.promise,
    ask: (text: string) => act('question', { text }),
    approve: async () => {
      const { version, args_digest } = await pending.promise;
      return act('decision', { verdict: 'approve', seen: { version, args_digest } });
    },
    questions: async () => (await client.get((await pending.promise).id)).questions ?? [],
  };
}

const answers = (questions: QuestionView[]) => questions.map(({ answer }) => answer?.text);
const soon = { timeout: 15_000, interval: 100 };

test('a question is put to the agent once, answered while it waits, and then approved', {
  timeout: 30_000,
}, async () => {
  const heard: string[] = [];
  const agent = startAgent({
    onQuestion: ({ text }, { args }) => {
      heard.push(text);
      return ` ${text} It is ${args.order}. `;
    },
  });
  await agent.ask('Which order?');
  await expect.poll(async () => answers(await agent.questions()), soon).toEqual(['Which order? It is A1.']);
  await agent.ask('And why?');
  await expect
    .poll(async () => answers(await agent.questions()), soon)
    .toEqual([expect.any(String), 'And why? It is A1.']);
  await agent.approve();
  expect(await agent.result).toBe('refunded 240');
  expect(heard).toEqual(['Which order?', 'And why?']);
});

test('an agent that fails to answer says so to its own side, and goes on waiting', {
  timeout: 30_000,
}, async () => {
  const failures: [unknown, string][] = [];
  const agent = startAgent({
    onQuestion: ({ text }) => {
      if (text === 'Silence?') return undefined;
      throw new Error('the model is away');
    },
    onUnanswered: (error, question) => failures.push([error, question.text]),
  });
  await agent.ask('Silence?');
  await agent.ask('Why?');
  await expect.poll(() => failures, soon).toEqual([[new Error('the model is away'), 'Why?']]);
  expect(answers(await agent.questions())).toEqual([undefined, undefined]);
  await agent.approve();
  expect(await agent.result).toBe('refunded 240');
});

test('the client answers by itself, for an agent that was called back', async () => {
  const agent = startAgent({});
  await agent.ask('Which order?');
  const { id } = await agent.pending;
  const answered = await agent.client.answer(id, { question: 'q1', text: 'A1.' });
  expect(answers(answered.questions ?? [])).toEqual(['A1.']);
  // A repeat whose first answer was lost is no mistake; another answer is.
  expect((await agent.client.answer(id, { question: 'q1', text: 'A1.' })).revision).toBe(answered.revision);
  const other = await failure(agent.client.answer(id, { question: 'q1', text: 'B2.' }));
  expect(other).toMatchObject({ name: Refused.name, code: 'already_answered' });
  await agent.approve();
  expect(await agent.result).toBe('refunded 240');
});
