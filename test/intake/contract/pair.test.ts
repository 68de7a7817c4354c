import { contractVersion, type Me, type PairCode, type Paired } from '@countersign/shared/contracts';
import { globalKeys } from '@countersign/shared/keys';
import { describe, expect, test } from 'vitest';
import { createPairCode } from '../../../services/intake/access/pairing.ts';
import { onStage } from '../stage.ts';

const stage = onStage();

const newCode = async (body: object = { person: 'ann' }) =>
  stage.call<PairCode>(stage.keys.admin, 'POST', '/v1/pair-codes', body);
const pair = (code: string, device?: string) =>
  stage.call<Paired>('', 'POST', '/v1/pair', { code, ...(device === undefined ? {} : { device }) });

describe('a code', () => {
  test('becomes a reviewer’s key, without any key being shown before', async () => {
    const { status, body } = await newCode();
    expect(status).toBe(201);
    const left = Date.parse(body.expires_at) - Date.now();
    expect(left).toBeGreaterThan(590_000);
    expect(left).toBeLessThan(610_000);
    const paired = await pair(body.code, 'Firefox on a laptop');
    expect(paired.status).toBe(200);
    expect(paired.body).toEqual({
      key: expect.stringMatching(/^cs_default_[\w-]{43}$/),
      key_id: expect.stringMatching(/^key_/),
      workspace: 'default',
      person: { id: 'ann', name: 'ann', groups: [] },
      vapid_public_key: expect.stringMatching(/^[\w-]{87}$/),
    });
    const me = await stage.call<Me>(paired.body.key, 'GET', '/v1/me');
    expect(me.body).toMatchObject({
      contract: contractVersion,
      key_id: paired.body.key_id,
      roles: ['reviewer'],
      person: { id: 'ann' },
    });
  });

  test('works however it is typed, once', async () => {
    const { code } = (await newCode()).body;
    const typed = ` ${code.toLowerCase().replace('-', ' ')} `;
    expect((await pair(typed)).status).toBe(200);
    const again = await pair(code);
    expect([again.status, again.code]).toEqual([401, 'pair_code_invalid']);
  });

  test('of two that use it at once, one gets a key', async () => {
    const { code } = (await newCode()).body;
    const answers = await Promise.all([pair(code), pair(code), pair(code), pair(code)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  test('expires', async () => {
    const before = await stage.redis.keys('cs:pair:*');
    const code = await createPairCode(stage.redis, 'default', { person: 'ann' }, 1);
    await expect.poll(() => stage.redis.keys('cs:pair:*')).toEqual(before);
    expect((await pair(code)).code).toBe('pair_code_invalid');
  });

  test('is for people whom the workspace knows, with the roles that the admin gave', async () => {
    expect((await newCode({ person: 'nobody' })).code).toBe('not_found');
    expect((await stage.call(stage.keys.lead, 'POST', '/v1/pair-codes', { person: 'ann' })).code).toBe(
      'forbidden',
    );
    const { body } = await newCode({ person: 'bo', roles: ['reviewer', 'lead'] });
    const { key } = (await pair(body.code)).body;
    expect((await stage.call<Me>(key, 'GET', '/v1/me')).body.roles).toEqual(['reviewer', 'lead']);
  });

  test('is stored as a hash only', async () => {
    const { code } = (await newCode()).body;
    const keys = await stage.redis.keys('cs:pair:*');
    const values = await stage.redis.mget(keys);
    expect(JSON.stringify([keys, values])).not.toContain(code.slice(0, 5));
  });
});

// Last: after it, this address may not pair for a minute.
test('guessing is stopped, even for the right code', async () => {
  await stage.redis.del(globalKeys.pairFailures('127.0.0.1'));
  const { code } = (await newCode()).body;
  const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => pair(`WRONG-${n}`)));
  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
  const { status, code: why, headers } = await pair(code);
  expect([status, why, headers.get('retry-after')]).toEqual([429, 'rate_limited', '60']);
});
