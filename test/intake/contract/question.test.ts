import { mostQuestions, type RequestView } from '@countersign/shared/contracts';
import { decodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: money, tools: [pay.*], effect: approval_required, reviewers: [finance] }
  - { name: quick, tools: [quick.*], effect: approval_required, timeout: 1s }
`);
const keys = workspaceKeys('default');

let n = 0;
const request = (tool = 'a.write') => stage.ask(tool, { nonce: ++n });
const ask = (id: string, text: string, key = stage.keys.reviewer) => stage.act(key, id, 'question', { text });
const answer = (id: string, body: { text: string; question?: string }, key = stage.keys.agent) =>
  stage.act(key, id, 'answer', body);
const read = async (id: string, key = stage.keys.lead) => (await stage.read(key, id)).body;

async function events(id: string) {
  const entries = await stage.redis.xrange(keys.feed, '-', '+');
  return entries
    .map(([position, fields]) => decodeEvent(position, fields))
    .filter((event) => event.request_id === id && event.type.startsWith('question.'));
}

describe('question', () => {
  test('is asked without deciding: version, deadline and verdicts stay, agent and reviewers see it', async () => {
    const before = await request();
    const { status, body } = await ask(before.id, 'Which order is this for?');
    expect(status).toBe(200);
    expect(body.questions).toEqual([
      { id: 'q1', by: 'ann', at: expect.any(String), text: 'Which order is this for?' },
    ]);
    const unchanged = ({ status, version, args_digest, expires_at, verdicts }: RequestView) => ({
      status,
      version,
      args_digest,
      expires_at,
      verdicts,
    });
    expect(unchanged(body)).toEqual(unchanged(before));
    for (const key of [stage.keys.agent, stage.keys.lead])
      expect((await read(before.id, key)).questions).toEqual(body.questions);
    // What was seen is what is approved, whatever was asked meanwhile.
    expect((await stage.decide(stage.keys.reviewer, before, { verdict: 'approve' })).status).toBe(200);
  });

  test('asked again while it waits is the same question; another one is another', async () => {
    const { id } = await request();
    const first = await ask(id, 'Why?');
    const again = await ask(id, 'Why?');
    expect([again.status, again.body.revision]).toEqual([200, first.body.revision]);
    await ask(id, 'Why?', stage.keys.lead);
    const { body } = await ask(id, 'And when?');
    expect(body.questions?.map((one) => [one.id, one.by, one.text])).toEqual([
      ['q1', 'ann', 'Why?'],
      ['q2', 'bo', 'Why?'],
      ['q3', 'ann', 'And when?'],
    ]);
  });

  test('is for those who may decide it', async () => {
    const { id } = await request('pay.out');
    expect((await ask(id, 'Why?')).code).toBe('not_your_request');
    expect((await ask(id, 'Why?', stage.keys.lead)).code).toBe('not_your_request');
    expect((await ask(id, 'Why?', stage.keys.agent)).code).toBe('forbidden');
    expect((await ask('req_none', 'Why?')).code).toBe('not_found');
  });

  test('comes too late once it is decided, be it by the clock', async () => {
    const decided = await request();
    await stage.decide(stage.keys.reviewer, decided, { verdict: 'reject' });
    expect((await ask(decided.id, 'Why?')).code).toBe('already_decided');
    const over = await request('quick.write');
    await stage.read(stage.keys.agent, over.id, { prefer: 'wait=10' });
    expect((await ask(over.id, 'Why?')).code).toBe('already_decided');
    expect(await read(over.id)).not.toHaveProperty('questions');
  });

  test('has words, and not too many of them', async () => {
    const { id } = await request();
    for (const text of ['', ' \n\t', 'x'.repeat(2_001)])
      expect((await ask(id, text)).code).toBe('invalid_request');
    expect((await ask(id, 'x'.repeat(2_000))).status).toBe(200);
  });

  test(`is one of ${mostQuestions} at most`, async () => {
    const { id } = await request();
    for (let i = 0; i < mostQuestions; i++) expect((await ask(id, `question ${i}`)).status).toBe(200);
    const { status, code } = await ask(id, 'one more');
    expect([status, code]).toEqual([409, 'too_many_questions']);
  });

  test('asked by everyone at once is none lost and none twice', async () => {
    const { id } = await request();
    const texts = Array.from({ length: 8 }, (_, i) => `question ${i}`);
    const answers = await Promise.all([...texts, ...texts].map((text) => ask(id, text)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { questions = [] } = await read(id);
    expect(questions.map(({ text }) => text).sort()).toEqual(texts);
    expect(new Set(questions.map((one) => one.id)).size).toBe(8);
  });
});

describe('answer', () => {
  test('stands beside its question, for everyone who reads the request', async () => {
    const { id } = await request();
    await ask(id, 'Which order?');
    const { status, body } = await answer(id, { text: 'ORD-1287.' });
    expect(status).toBe(200);
    expect(body.questions).toMatchObject([
      { id: 'q1', text: 'Which order?', answer: { at: expect.any(String), text: 'ORD-1287.' } },
    ]);
    expect((await read(id)).questions).toEqual(body.questions);
  });

  test('names its question, or goes to the one that has waited longest', async () => {
    const { id } = await request();
    for (const text of ['one?', 'two?', 'three?']) await ask(id, text);
    await answer(id, { question: 'q2', text: 'two.' });
    await answer(id, { text: 'one.' });
    await answer(id, { text: 'three.' });
    const { questions } = await read(id);
    expect(questions?.map(({ answer }) => answer?.text)).toEqual(['one.', 'two.', 'three.']);
  });

  test('given again is the same answer; another one to the same question is refused', async () => {
    const { id } = await request();
    await ask(id, 'Why?');
    const first = await answer(id, { question: 'q1', text: 'Because.' });
    for (const body of [{ question: 'q1', text: 'Because.' }, { text: 'Because.' }]) {
      const again = await answer(id, body);
      expect([again.status, again.body.revision]).toEqual([200, first.body.revision]);
    }
    const other = await answer(id, { question: 'q1', text: 'No: despite.' });
    expect([other.status, other.code]).toEqual([409, 'already_answered']);
    expect((await answer(id, { text: 'And?' })).code).toBe('nothing_to_answer');
    expect((await answer(id, { question: 'q7', text: 'And?' })).code).toBe('not_found');
  });

  test('given by two processes at once is one of the two', async () => {
    const { id } = await request();
    await ask(id, 'Why?');
    const answers = await Promise.all(['One.', 'Two.'].map((text) => answer(id, { question: 'q1', text })));
    expect(answers.map(({ code }) => code ?? 'taken').sort()).toEqual(['already_answered', 'taken']);
    const taken = answers.find(({ status }) => status === 200)?.body.questions;
    expect((await read(id)).questions).toEqual(taken);
    expect((await events(id)).map(({ type }) => type)).toEqual(['question.asked', 'question.answered']);
  });

  test('is the owning agent’s, while the request waits', async () => {
    const { id, ...shown } = await request();
    await ask(id, 'Why?');
    expect((await answer(id, { text: 'I say.' }, stage.keys.reviewer)).code).toBe('forbidden');
    const other = { roles: ['agent'], owner: 'zoe', agents: ['someone-else'] };
    const { body } = await stage.call<{ key: string }>(stage.keys.admin, 'POST', '/v1/keys', other);
    expect((await answer(id, { text: 'I say.' }, body.key)).code).toBe('not_your_request');
    await stage.decide(stage.keys.reviewer, { id, ...shown }, { verdict: 'approve' });
    expect((await answer(id, { text: 'Too late.' })).code).toBe('already_decided');
  });

  test('may be long, but not without end', async () => {
    const { id } = await request();
    await ask(id, 'Why?');
    expect((await answer(id, { text: 'x'.repeat(8_001) })).code).toBe('invalid_request');
    expect((await answer(id, { text: 'x'.repeat(8_000) })).status).toBe(200);
  });
});

describe('the words', () => {
  test('law 12: are in no event, only what commits to them; erased, they are gone and the rest stands', async () => {
    const { id } = await request();
    await ask(id, 'words-of-question');
    await answer(id, { text: 'words-of-answer' });
    const told = await events(id);
    expect(told.map(({ type, actor, data }) => [type, actor.id, data])).toEqual([
      ['question.asked', 'ann', { question: 'q1', commitment: expect.stringMatching(/^sha256:/) }],
      ['question.answered', 'tester', { question: 'q1', commitment: expect.stringMatching(/^sha256:/) }],
    ]);
    expect(JSON.stringify(told)).not.toContain('words-of');
    expect(await stage.redis.hget(keys.request(id), 'record')).not.toContain('words-of');
    await stage.redis.del(keys.questions(id));
    expect((await read(id)).questions).toMatchObject([
      { id: 'q1', by: 'ann', text: '', answer: { text: '' } },
    ]);
  });

  test('leave Redis with their request', async () => {
    const shown = await request();
    await ask(shown.id, 'Why?');
    await stage.decide(stage.keys.reviewer, shown, { verdict: 'reject' });
    expect(await stage.redis.exists(keys.questions(shown.id))).toBe(1);
    // Its time in Redis is over.
    await stage.redis.zadd(keys.timers, 0, `prune:${shown.id}`);
    await expect.poll(() => stage.redis.keys(`*${shown.id}*`), { timeout: 10_000 }).toEqual([]);
  });
});
