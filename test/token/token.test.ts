import { createHmac } from 'node:crypto';
import {
  generateSigningKey,
  mintToken,
  type SigningKey,
  type TokenClaims,
  verifyToken,
} from '@countersign/shared/token';
import fc from 'fast-check';
import { base64url, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';

const ISSUED = 1_800_000_000;
const claims: TokenClaims = {
  iss: 'https://intake.example',
  aud: 'countersign',
  sub: 'order-processor',
  jti: '01JTOKEN',
  iat: ISSUED,
  exp: ISSUED + 300,
  request_id: '01JREQUEST',
  workspace: 'acme',
  tool: 'orders.process_refund',
  args_digest: `sha256:${'a'.repeat(64)}`,
  policy_digest: `sha256:${'b'.repeat(64)}`,
  effect: 'approval_required',
  approvers: ['ann'],
};
const expected = { issuer: claims.iss, audience: claims.aud, now: ISSUED * 1000 };

let key: SigningKey;
let jwks: { keys: JWK[] };
beforeAll(async () => {
  key = await generateSigningKey();
  jwks = { keys: [key.publicJwk] };
});

/** Signs with the real key whatever a dishonest or broken signer would. */
function sign(payload: object, header: object = {}): Promise<string> {
  return new SignJWT({ ...payload })
    .setProtectedHeader({ alg: 'Ed25519', typ: 'approval+jwt', kid: key.kid, ...header })
    .sign(key.privateJwk);
}

const invalid = (message: string | RegExp) => ({
  ok: false,
  code: 'token_invalid',
  message: expect.stringMatching(message),
});

describe('a minted token', () => {
  test('verifies against the published key and gives its claims back', async () => {
    expect(await verifyToken(await mintToken(key, claims), jwks, expected)).toEqual({ ok: true, claims });
  });

  test('names algorithm, type and key in its header', async () => {
    const [header = ''] = (await mintToken(key, claims)).split('.');
    expect(JSON.parse(new TextDecoder().decode(base64url.decode(header)))).toEqual({
      alg: 'Ed25519',
      typ: 'approval+jwt',
      kid: key.kid,
    });
  });

  test('still verifies after its key moved behind a newer one in the set', async () => {
    const token = await mintToken(key, claims);
    const rotated = { keys: [(await generateSigningKey()).publicJwk, key.publicJwk] };
    expect(await verifyToken(token, rotated, expected)).toMatchObject({ ok: true });
  });

  test.each([
    ['lives longer than five minutes', { exp: ISSUED + 301 }],
    ['is over before it starts', { exp: ISSUED }],
    ['has a digest of another kind', { args_digest: 'md5:00' as TokenClaims['args_digest'] }],
  ])('is refused to a caller when it %s', async (_title, change) => {
    await expect(mintToken(key, { ...claims, ...change })).rejects.toThrow();
  });

  test('can be minted again from a key that was stored as JSON', async () => {
    const stored: SigningKey = JSON.parse(JSON.stringify(key));
    expect(await verifyToken(await mintToken(stored, claims), jwks, expected)).toMatchObject({ ok: true });
  });

  test('its public key holds no private part', () => {
    expect(Object.keys(key.publicJwk).sort()).toEqual(['crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe('time', () => {
  test.each([
    [-5, true],
    [-6, false],
    [0, true],
    [299, true],
    [304, true],
    [305, false],
  ])('a token is judged %i s after it was issued, with 5 s of tolerance: %s', async (seconds, ok) => {
    const now = (ISSUED + seconds) * 1000;
    expect(await verifyToken(await mintToken(key, claims), jwks, { ...expected, now })).toMatchObject({ ok });
  });

  test('an expired token is told so', async () => {
    const now = (ISSUED + 3600) * 1000;
    expect(await verifyToken(await mintToken(key, claims), jwks, { ...expected, now })).toEqual(
      invalid('expired'),
    );
  });

  test('a life longer than five minutes is refused even when it is signed', async () => {
    expect(await verifyToken(await sign({ ...claims, exp: ISSUED + 301 }), jwks, expected)).toEqual(
      invalid('exp'),
    );
  });

  test('"not before" is respected', async () => {
    const token = await sign({ ...claims, nbf: ISSUED + 60 });
    expect(await verifyToken(token, jwks, expected)).toEqual(invalid('nbf'));
  });
});

describe('law 5: only our signature on our token for this audience opens the gate', () => {
  test('the older algorithm name EdDSA is taken too', async () => {
    expect(await verifyToken(await sign(claims, { alg: 'EdDSA' }), jwks, expected)).toEqual({
      ok: true,
      claims,
    });
  });

  test('alg none is refused', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      const header = encode({ alg, typ: 'approval+jwt', kid: key.kid });
      expect(await verifyToken(`${header}.${encode(claims)}.`, jwks, expected)).toEqual(invalid('valid'));
    }
  });

  test('HS256 with the public key as the secret is refused', async () => {
    const signed = `${encode({ alg: 'HS256', typ: 'approval+jwt', kid: key.kid })}.${encode(claims)}`;
    for (const secret of [base64url.decode(String(key.publicJwk.x)), JSON.stringify(key.publicJwk)]) {
      const mac = createHmac('sha256', secret).update(signed).digest('base64url');
      expect(await verifyToken(`${signed}.${mac}`, jwks, expected)).toEqual(invalid('algorithm'));
    }
  });

  test('another algorithm is refused even when its key is published under the same kid', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'approval+jwt', kid: key.kid })
      .sign(privateKey);
    const set = { keys: [{ ...(await exportJWK(publicKey)), kid: key.kid }, key.publicJwk] };
    expect(await verifyToken(token, set, expected)).toEqual(invalid('algorithm'));
  });

  test('a key that is not published is refused, whatever the header brings along', async () => {
    const forger = await generateSigningKey();
    const forged = (header: object) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'Ed25519', typ: 'approval+jwt', ...header })
        .sign(forger.privateJwk);
    expect(await verifyToken(await forged({ kid: forger.kid }), jwks, expected)).toEqual(invalid('kid'));
    expect(await verifyToken(await forged({}), jwks, expected)).toEqual(invalid('kid'));
    expect(await verifyToken(await forged({ kid: key.kid, jwk: forger.publicJwk }), jwks, expected)).toEqual(
      invalid('signature'),
    );
  });

  test.each([
    ['another audience', { aud: 'another-gateway' }, {}, 'aud'],
    ['several audiences', { aud: ['another-gateway', claims.aud] }, {}, 'aud'],
    ['another issuer', { iss: 'https://evil.example' }, {}, 'iss'],
    ['another type', {}, { typ: 'JWT' }, 'typ'],
    ['no type', {}, { typ: undefined }, 'typ'],
    ['no expiry', { exp: undefined }, {}, 'exp'],
    ['no time of issue', { iat: undefined }, {}, 'iat'],
    ['no request', { request_id: undefined }, {}, 'request_id'],
    ['a denied effect', { effect: 'deny' }, {}, 'effect'],
    ['a digest of another kind', { args_digest: `sha1:${'a'.repeat(40)}` }, {}, 'args_digest'],
    ['an unknown critical header', {}, { crit: ['x'], x: 1 }, 'malformed'],
  ])('%s is refused', async (_title, change, header, named) => {
    const signing = sign({ ...claims, ...change }, header);
    // jose itself declines to sign an unknown critical header, so that one is put on afterwards.
    const token = await signing.catch(async () => {
      const [, payload, signature] = (await sign(claims)).split('.');
      return `${encode({ alg: 'Ed25519', typ: 'approval+jwt', kid: key.kid, ...header })}.${payload}.${signature}`;
    });
    expect(await verifyToken(token, jwks, expected)).toEqual(invalid(named));
  });

  test('any changed character is refused, and nothing that is sent throws', async () => {
    const token = await mintToken(key, claims);
    const change = fc.tuple(fc.nat({ max: token.length - 2 }), fc.constantFrom('A', 'z', '.', '=', ' ', 'é'));
    await fc.assert(
      fc.asyncProperty(change, async ([index, char]) => {
        fc.pre(token[index] !== char);
        const altered = token.slice(0, index) + char + token.slice(index + 1);
        expect(await verifyToken(altered, jwks, expected)).toMatchObject({
          ok: false,
          code: 'token_invalid',
        });
      }),
    );
    const garbage = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.string().map((text) => `${encode({ alg: text })}.e30.`),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (value) => {
        expect(await verifyToken(value, jwks, expected)).toMatchObject({ ok: false, code: 'token_invalid' });
      }),
    );
  });

  test('a refusal never repeats the token', async () => {
    const token = await sign({ ...claims, aud: 'x' });
    const verdict = await verifyToken(token, jwks, expected);
    for (const part of token.split('.')) expect(JSON.stringify(verdict)).not.toContain(part);
  });
});

function encode(part: object): string {
  return base64url.encode(JSON.stringify(part));
}

test('no key’s name begins with a dash: a terminal would take it for an option just when it has to be denied', async () => {
  // Of 500 at random about eight would.
  const kids = await Promise.all(Array.from({ length: 500 }, async () => (await generateSigningKey()).kid));
  expect(kids.filter((kid) => kid.startsWith('-'))).toEqual([]);
});
