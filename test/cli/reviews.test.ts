/** What ran before anyone looked, at a terminal, against a real server. */
import type { Proposed, RequestView } from '@countersign/shared/contracts';
import { expect, test } from 'vitest';
import { stage } from './stage.ts';

const POLICY = `
version: 1
tools: { crm.tag: { compensation: crm.untag, card: { title: "Tag {customer}" } } }
rules:
  - { name: tags, effect: review_after }
`;

const { intake, as } = await stage(POLICY);
const countersigned = (...argv: string[]) => as('reviewer', ...argv);

async function run(customer: string): Promise<string> {
  const { call, keys } = intake;
  const action = { agent: 'crm', tool: 'crm.tag', args: { customer } };
  const { body } = await call<Proposed>(keys.agent, 'POST', '/v1/requests', action);
  if (body.decision !== 'allow') throw new Error('it runs');
  await call(keys.agent, 'POST', '/v1/tokens/consume', { token: body.token, args: { customer } });
  await call(keys.agent, 'POST', `/v1/requests/${body.request_id}/outcome`, { status: 'succeeded' });
  return body.request_id;
}
const read = async (id: string) =>
  (await intake.call<RequestView>(intake.keys.reviewer, 'GET', `/v1/requests/${id}`)).body;

test('a reviewer lists what ran, and says what looks fine', async () => {
  expect((await countersigned('reviews')).out).toContain('Nothing ran that is still to be looked at.');
  const id = await run('Kim');
  const list = await countersigned('reviews');
  expect(list).toMatchObject({ code: 0 });
  expect(list.out).toContain(id);
  expect(list.out).toMatch(/succeeded +Tag “Kim”/);
  expect((await countersigned('show', id)).out).toMatch(/ran already; to look at: 2[34] h/);
  expect(await countersigned('review', id)).toMatchObject({ code: 2 });
  expect(await countersigned('review', id, '--fine', '--yes')).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${id} is reviewed.`),
  });
  expect((await read(id)).status).toBe('reviewed');
});

test('an undo is asked of the agent, and said to be no more than asked', async () => {
  const id = await run('Lee');
  const asked = await countersigned('review', id, '--undo', 'The wrong customer.', '--yes');
  expect(asked.code).toBe(0);
  expect(asked.out).toContain('The agent is asked to undo it, with crm.untag. It is not undone before');
  expect(await read(id)).toMatchObject({
    status: 'undo_requested',
    review: { reason: 'The wrong customer.' },
  });
  expect((await countersigned('reviews')).out).toContain('to undo');
});
