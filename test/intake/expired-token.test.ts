import type { Consumed, JsonObject } from '@countersign/shared/contracts';
import { mintToken, type SigningKey, type TokenClaims } from '@countersign/shared/token';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage();

/** The same token, issued so many seconds ago: signed with the installation's own key, as intake had signed it then. */
async function aged(token: string, seconds: number): Promise<string> {
  const [key] = JSON.parse((await stage.redis.hget('cs:signing-ring', 'keys')) ?? '[]') as SigningKey[];
  if (key === undefined) throw new Error('no signing key');
  const claims = decodeJwt<TokenClaims>(token);
  return mintToken(key, { ...claims, iat: claims.iat - seconds, exp: claims.exp - seconds } as TokenClaims);
}

async function approved(args: JsonObject): Promise<string> {
  const request = await stage.ask('a.write', args);
  await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  return (await stage.read(stage.keys.agent, request.id)).body.token ?? '';
}

const consume = (token: string, args: JsonObject, key?: string) =>
  stage.call<Consumed>(
    stage.keys.agent,
    'POST',
    '/v1/tokens/consume',
    { token, args },
    key === undefined ? {} : { 'idempotency-key': key },
  );

test('law 5: an expired token runs nothing, with or without an idempotency key', async () => {
  const old = await aged(await approved({ n: 1 }), 600);
  expect((await consume(old, { n: 1 })).code).toBe('token_invalid');
  expect((await consume(old, { n: 1 }, 'first-time')).code).toBe('token_invalid');
});

test('an answer lost for longer than the token lived is given again to the same caller, and to no other', async () => {
  const token = await approved({ n: 2 });
  expect((await consume(token, { n: 2 }, 'mine')).status).toBe(200);
  const old = await aged(token, 600);
  expect((await consume(old, { n: 2 }, 'mine')).body).toMatchObject({ args: { n: 2 } });
  expect((await consume(old, { n: 2 }, 'another')).code).toBe('token_consumed');
  expect((await consume(old, { n: 3 }, 'mine')).code).toBe('args_mismatch');
});

test('a token from the future is refused', async () => {
  const early = await aged(await approved({ n: 4 }), -600);
  expect((await consume(early, { n: 4 }, 'early')).code).toBe('token_invalid');
});

test('an approved request that a freeze stops tells its agent so in place of a token', async () => {
  const request = await stage.ask('b.write', { n: 5 });
  await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  const freeze = await stage.call<{ id: string }>(stage.keys.admin, 'POST', '/v1/freeze', {
    scope: 'tool',
    match: 'b.*',
    reason: 'incident',
  });
  const frozen = (await stage.read(stage.keys.agent, request.id)).body;
  expect(frozen).toMatchObject({ status: 'approved', stop_reason: 'frozen' });
  expect(frozen.token).toBeUndefined();
  await stage.call(stage.keys.admin, 'DELETE', `/v1/freeze/${freeze.body.id}`);
  const thawed = (await stage.read(stage.keys.agent, request.id)).body;
  expect(thawed.stop_reason).toBeUndefined();
  expect(thawed.token).toEqual(expect.any(String));
});
