/** An operator denies a key: from then on nothing that it signed runs, at any intake, whatever was under way. */
import { generateSigningKey, mintToken, type TokenClaims } from '@countersign/shared/token';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { denied, signingKey } from '../../services/intake/signing/ring.ts';
import { changeRing } from '../../services/intake/signing/stored-ring.ts';
import { consume, decide, proposeAllowed, read } from '../laws/arena.ts';
import { evenOdds, moment } from '../laws/rounds.ts';
import { gates, kidOf } from './gates.ts';

const here = gates(`version: 1
rules:
  - { name: look, tools: [ask.*], effect: approval_required, timeout: 1h }
  - { name: run, tools: [run.*], effect: allow }
`);

const deny = (kid: string) =>
  changeRing(here.commands, (ring, fresh, now) => denied(ring, kid, fresh, now) ?? ring);
const signing = async () => signingKey(await here.ring(), Date.now());

let n = 0;
beforeEach(() => {
  n += 1;
});

describe('law 5: a denied key', () => {
  test('opens no gate, and the log says at which it was tried', async () => {
    const permit = await proposeAllowed(here.left, 'run.it', { n });
    await deny(kidOf(permit));
    for (const intake of [here.left, here.right]) {
      const { status, code, body } = await consume(intake, permit);
      expect([status, code]).toEqual([401, 'token_invalid']);
      expect(body).toMatchObject({ detail: expect.stringContaining('was denied') });
    }
    const { feed, violations } = await here.inspect();
    const refusals = feed.filter(
      ({ type, request_id }) => type === 'token.refused' && request_id === permit.id,
    );
    expect(refusals.map(({ data }) => data)).toEqual(
      Array(2).fill({ code: 'token_invalid', kid: kidOf(permit) }),
    );
    expect(violations).toEqual([]);
  });

  test('is followed by another: an approval that is open gets a token that runs', async () => {
    const request = await here.left.propose({ tool: 'ask.it', args: { n } });
    await decide(here.left, here.ann, request, 'approve');
    const old = { token: (await read(here.left, request.id)).token ?? '', args: { n } };
    await deny(kidOf(old));
    expect((await consume(here.right, old)).code).toBe('token_invalid');
    const next = { token: (await read(here.right, request.id)).token ?? '', args: { n } };
    expect(kidOf(next)).not.toBe(kidOf(old));
    expect((await consume(here.left, next)).status).toBe(200);
  });

  test('leaves the published set at once', async () => {
    const { kid } = await signing();
    await deny(kid);
    for (const { url } of [here.left, here.right]) {
      const { keys } = await (await fetch(`${url}/.well-known/jwks.json`)).json();
      expect(keys.map((key: { kid: string }) => key.kid)).not.toContain(kid);
    }
  });

  test('mints nothing for whoever has stolen it, for a call of any time', async () => {
    const stolen = await signing();
    const permit = await proposeAllowed(here.left, 'run.it', { n });
    await deny(stolen.kid);
    const claims = decodeJwt<TokenClaims>(permit.token) as TokenClaims;
    for (const iat of [claims.iat, claims.iat - 60]) {
      const token = await mintToken(stolen, { ...claims, iat, exp: iat + 300, jti: 'forged' });
      expect((await consume(here.right, { ...permit, token })).code).toBe('token_invalid');
      expect((await consume(here.left, { ...permit, token }, `again-${iat}`)).code).toBe('token_invalid');
    }
  });
});

test('law 5: a denial in the midst of consumptions lets none through after it', {
  timeout: 60_000,
}, async () => {
  const together = 40;
  const odds = evenOdds();
  for (let round = 0; round < 5; round++) {
    const permits = await Promise.all(
      Array.from({ length: together }, (_, i) => proposeAllowed(here.left, 'run.it', { round, i })),
    );
    const [kid] = new Set(permits.map(kidOf));
    const start = Date.now() + 5;
    let over = false;
    const denial = moment(start + 10 + odds.delay()).then(async () => {
      await deny(kid ?? '');
      over = true;
    });
    const uses = permits.map((permit, i) =>
      moment(start + i / 2).then(async () => {
        const late = over;
        const { status, code } = await consume(i % 2 === 0 ? here.left : here.right, permit);
        if (status === 200) expect(late).toBe(false);
        else expect(code).toBe('token_invalid');
        odds.won(status === 200 ? 'second' : 'first');
      }),
    );
    await Promise.all([denial, ...uses]);

    const { feed, violations } = await here.inspect();
    expect(violations).toEqual([]);
    const at = feed.findIndex(
      ({ type, data }) =>
        type === 'signing.changed' && Array.isArray(data?.denied) && data.denied.includes(kid),
    );
    expect(at).toBeGreaterThan(0);
    const ids = new Set(permits.map(({ id }) => id));
    const after = feed
      .slice(at)
      .filter(({ type, request_id }) => type === 'token.consumed' && ids.has(request_id ?? ''));
    expect(after).toEqual([]);
  }
  expect(Math.min(odds.wins.first, odds.wins.second)).toBeGreaterThan(0);
});

describe('a denial that nobody ended', () => {
  test('law 9: is told to every workspace by whichever intake runs', async () => {
    const permit = await proposeAllowed(here.left, 'run.it', { n });
    const ring = await here.ring();
    const after = denied(ring, kidOf(permit), await generateSigningKey(), Date.now());
    // What the command writes first; then it was killed.
    const version = Date.now();
    await here.redis.hset('cs:signing-ring', { version, keys: JSON.stringify(after?.keys) });
    await expect
      .poll(async () => Number(await here.redis.hget('cs:{default}:state', 'signing')), { timeout: 5_000 })
      .toBeGreaterThanOrEqual(version);
    expect((await consume(here.right, permit)).code).toBe('token_invalid');
  });
});

describe('where the ring is lost or older than what the workspace works under', () => {
  test('law 5: nothing is minted or consumed until it is back', async () => {
    const permit = await proposeAllowed(here.left, 'run.it', { n });
    const stored = await here.redis.hgetall('cs:signing-ring');
    const state = 'cs:{default}:state';
    const known = await here.redis.hget(state, 'signing');
    // A version that no intake has in memory, and Redis no longer has.
    await here.redis.hset(state, 'signing', Number(known) + 3_600_000);
    try {
      for (const intake of [here.left, here.right]) {
        const { status, code } = await consume(intake, permit);
        expect([status, code]).toEqual([503, 'not_ready']);
      }
      const ready = await fetch(`${here.left.url}/readyz`);
      expect(ready.status).toBe(503);
    } finally {
      await here.redis.hset('cs:signing-ring', stored);
      await here.redis.hset(state, 'signing', known ?? '');
    }
    expect((await consume(here.right, permit)).status).toBe(200);
  });
});
