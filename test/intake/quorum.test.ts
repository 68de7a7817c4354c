import type { CreatedKey, RequestView } from '@countersign/shared/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
groups: { finance: [fay, max], oncall: [max, oz] }
rules:
  - { name: two, tools: [two.*], effect: approval_required, quorum: 2 }
  - { name: finance-two, tools: [money.*], effect: approval_required, quorum: 2, reviewers: [finance] }
  - { name: both, tools: [both.*], effect: approval_required, quorum: { finance: 1, oncall: 1 } }
  - { name: by-finance, tools: [mixed.*], effect: approval_required, reviewers: [finance] }
  - { name: by-oncall, tools: [mixed.*], effect: approval_required, reviewers: [oncall] }
  - { name: by-oz, tools: [person.*], effect: approval_required, reviewers: [oz] }
`);

const key: Record<string, string> = {};
beforeAll(async () => {
  for (const id of ['fay', 'max', 'oz']) key[id] = await stage.intake.addReviewer(id);
  key.ann = stage.keys.reviewer;
  key.bo = stage.keys.lead;
});

let n = 0;
const ask = (tool: string, more = {}) => stage.ask(tool, { nonce: ++n }, more);
const approve = (request: RequestView, who: string) =>
  stage.decide(key[who] ?? '', request, { verdict: 'approve' });
const standing = ({ body }: { body: RequestView }) => [
  body.status,
  `${body.progress.given} of ${body.progress.needed}`,
];

describe('a quorum of two', () => {
  test('takes two people, and one of them twice is one', async () => {
    const request = await ask('two.write');
    expect(standing(await approve(request, 'ann'))).toEqual(['pending', '1 of 2']);
    expect(standing(await approve(request, 'ann'))).toEqual(['pending', '1 of 2']);
    expect(standing(await approve(request, 'bo'))).toEqual(['approved', '2 of 2']);
  });

  test('one rejection decides', async () => {
    const request = await ask('two.write');
    await approve(request, 'ann');
    const { body } = await stage.decide(key.bo ?? '', request, { verdict: 'reject' });
    expect([body.status, body.decided_by]).toEqual(['rejected', 'bo']);
  });

  test('of a group counts only its members', async () => {
    const request = await ask('money.out');
    expect((await approve(request, 'bo')).code).toBe('not_your_request');
    await approve(request, 'fay');
    expect(standing(await approve(request, 'max'))).toEqual(['approved', '2 of 2']);
  });
});

describe('one of each group', () => {
  test('is shown as policy wrote it', async () => {
    expect((await ask('both.write')).quorum).toEqual({ finance: 1, oncall: 1 });
  });

  test('one person in both stands for one of them', async () => {
    const request = await ask('both.write');
    expect(standing(await approve(request, 'max'))).toEqual(['pending', '1 of 2']);
    expect(standing(await approve(request, 'fay'))).toEqual(['approved', '2 of 2']);
  });

  test('in whatever order they come', async () => {
    const request = await ask('both.write');
    await approve(request, 'oz');
    expect(standing(await approve(request, 'max'))).toEqual(['approved', '2 of 2']);
  });

  test('two of the same group are not one of each', async () => {
    const request = await ask('both.write');
    await stage.call(stage.keys.admin, 'POST', '/v1/people', { id: 'bo', name: 'Bo', groups: ['finance'] });
    await approve(request, 'fay');
    expect(standing(await approve(request, 'bo'))).toEqual(['pending', '1 of 2']);
    expect(standing(await approve(request, 'oz'))).toEqual(['approved', '2 of 2']);
    await stage.call(stage.keys.admin, 'POST', '/v1/people', { id: 'bo', name: 'Bo', groups: [] });
  });
});

describe('several rules', () => {
  test('all have to be met, and one person may meet both', async () => {
    const apart = await ask('mixed.write');
    expect((await approve(apart, 'fay')).body.status).toBe('pending');
    expect((await approve(apart, 'oz')).body.status).toBe('approved');
    expect((await approve(await ask('mixed.write'), 'max')).body.status).toBe('approved');
  });

  test('a person can be named like a group', async () => {
    const request = await ask('person.write');
    expect((await approve(request, 'max')).code).toBe('not_your_request');
    expect((await approve(request, 'oz')).body.status).toBe('approved');
  });
});

describe('law 8: nobody approves their own', () => {
  test('not the owner of the agent’s key, with any key of theirs', async () => {
    const own = await stage.call<CreatedKey>(stage.keys.admin, 'POST', '/v1/keys', {
      roles: ['agent', 'reviewer'],
      owner: 'sam',
      agents: ['sams'],
    });
    const other = await stage.intake.addReviewer('sam');
    const proposed = await stage.call<{ request: RequestView }>(own.body.key, 'POST', '/v1/requests', {
      tool: 'a.write',
      args: {},
      agent: 'sams',
    });
    for (const mine of [own.body.key, other]) {
      for (const verdict of ['approve', 'reject'] as const) {
        const { status, code } = await stage.decide(mine, proposed.body.request, { verdict });
        expect([status, code]).toEqual([403, 'not_your_request']);
      }
    }
    expect((await approve(proposed.body.request, 'ann')).body.status).toBe('approved');
  });

  test('not whoever asked for it; who is named so has no more power by it', async () => {
    const request = await ask('two.write', { requested_by: 'ann' });
    expect((await approve(request, 'ann')).code).toBe('not_your_request');
    await approve(request, 'bo');
    expect((await approve(request, 'fay')).body.status).toBe('approved');
    const money = await ask('money.out', { requested_by: 'ann' });
    expect((await approve(money, 'ann')).code).toBe('not_your_request');
  });

  test('a request that nobody may decide says so when it is made', async () => {
    const request = await ask('person.write', { requested_by: 'oz' });
    expect(request.warnings).toEqual(['nobody_may_decide']);
    const feed = await stage.redis.xrange('cs:{default}:feed', '-', '+');
    expect(
      feed.some(([, fields]) => fields[1] === 'request.undecidable' && fields[3]?.includes(request.id)),
    ).toBe(true);
  });
});

test('who loses the right to review no longer counts', async () => {
  const request = await ask('two.write');
  const gus = await stage.intake.addReviewer('gus');
  await stage.decide(gus, request, { verdict: 'approve' });
  const { body } = await stage.call<{ items: { id: string; owner: string }[] }>(
    stage.keys.admin,
    'GET',
    '/v1/keys',
  );
  for (const { id, owner } of body.items)
    if (owner === 'gus') await stage.call(stage.keys.admin, 'DELETE', `/v1/keys/${id}`);
  expect((await approve(request, 'ann')).body.status).toBe('pending');
  expect((await approve(request, 'bo')).body.status).toBe('approved');
});
