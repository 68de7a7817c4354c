/** A member id of Slack decides requests as a person, so it is nobody else's. */
import type { Person } from '@countersign/shared/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../../support/intake.ts';
import { onStage } from '../stage.ts';

const stage = onStage();
let other: TestIntake;
beforeAll(async () => {
  other = await startTestIntake({ redisUrl: stage.server.url, keys: stage.keys });
});
afterAll(() => other?.stop());

const put = (id: string, slack_user_id?: string, by?: TestIntake) => {
  const body = { id, name: id, ...(slack_user_id === undefined ? {} : { slack_user_id }) };
  return (by?.call ?? stage.call)<Person>(stage.keys.admin, 'POST', '/v1/people', body);
};
const withSlack = async (user: string) => {
  const { body } = await stage.call<{ items: Person[] }>(stage.keys.admin, 'GET', '/v1/people');
  return body.items.filter(({ slack_user_id }) => slack_user_id === user).map(({ id }) => id);
};

test('a member id that somebody has is refused to everyone else, and says whose it is', async () => {
  expect((await put('ann', 'U001')).status).toBe(201);
  const refused = await put('bea', 'U001');
  expect(refused).toMatchObject({ status: 409, code: 'slack_user_taken' });
  expect(refused.body).toMatchObject({ detail: expect.stringContaining('U001 is ann already') });
  expect(await withSlack('U001')).toEqual(['ann']);
  // Nothing of a person who was refused is kept.
  const { body } = await stage.call<{ items: Person[] }>(stage.keys.admin, 'GET', '/v1/people');
  expect(body.items.map(({ id }) => id)).not.toContain('bea');
});

test('who has it may be sent again with it, give it up, and leave it to another', async () => {
  await put('cem', 'U002');
  expect((await put('cem', 'U002')).status).toBe(201);
  await put('cem');
  expect((await put('dan', 'U002')).status).toBe(201);
  await stage.call(stage.keys.admin, 'DELETE', '/v1/people/dan');
  expect((await put('eve', 'U002')).status).toBe(201);
});

test('of many who are given one member id at once, by two intakes, one has it', async () => {
  for (const round of ['a', 'b', 'c']) {
    const user = `U${round.toUpperCase()}00`;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => put(`p${round}${n}`, user, n % 2 ? other : undefined)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'slack_user_taken')).toHaveLength(11);
    expect(await withSlack(user)).toHaveLength(1);
  }
});

test('many who are given different ones at once are all written', async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => put(`q${n}`, `U9${n}X`, n % 2 ? other : undefined)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
});
