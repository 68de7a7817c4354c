/**
 * Law 5, from outside: everything that somebody may send to `POST /v1/tokens/consume` in place of the token and the
 * args that were approved, as bytes over HTTP, at two intakes. Whatever is refused leaves the approval unused: the true
 * token runs afterwards, once.
 */
import { createHmac, createPublicKey, sign as signBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { JsonObject } from '@countersign/shared/contracts';
import { generateSigningKey, type SigningKey } from '@countersign/shared/token';
import { base64url, decodeJwt } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareDevelopment } from '../../services/intake/development.ts';
import type { RingKey } from '../../services/intake/signing/ring.ts';
import { type Arena, openArena, proposeAllowed, read } from './arena.ts';

const args: JsonObject = { amount: 1, to: 'bo', note: 'é', deep: { list: [1, 2, 3], yes: true } };
/** The same as text, by which it is changed below. */
const text = '{"amount":1,"to":"bo","note":"é","deep":{"list":[1,2,3],"yes":true}}';

let arena: Arena;
/** The agent's key of another workspace. */
let side: string;
/** The installation's own key: what is signed with it is what a bug, or a thief, could make. */
let own: SigningKey;
let forger: SigningKey;
/** Where headers point to for a key; counts who came. */
const lure = { url: '', calls: 0 };
const lureServer = createServer((_request, response) => {
  lure.calls += 1;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [forger.publicJwk] }));
});

beforeAll(async () => {
  const policy = 'version: 1\ndefault: allow\nrules: []\n';
  arena = await openArena({ 'policy.yaml': policy, 'side/policy.yaml': policy });
  const { host, port } = arena.redis.options;
  const redisUrl = `redis://${host}:${port}`;
  side = (await prepareDevelopment({ redisUrl, logger: pino({ level: 'error' }) }, 'side')).keys.agent;
  const [key]: RingKey[] = JSON.parse((await arena.redis.hget('cs:signing-ring', 'keys')) ?? '[]');
  if (key?.privateJwk === undefined) throw new Error('no signing key');
  own = { ...key, privateJwk: key.privateJwk };
  forger = await generateSigningKey();
  await new Promise<void>((resolve) => lureServer.listen(0, '127.0.0.1', resolve));
  const address = lureServer.address();
  lure.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks.json`;
});
afterAll(async () => {
  lureServer.close();
  await arena.close();
});

type Permit = { id: string; token: string };
type Claims = Record<string, unknown> & { iat: number; exp: number };
type Header = Record<string, unknown>;

const encode = (part: object): string => base64url.encode(JSON.stringify(part));
const trueHeader = (): Header => ({ alg: 'Ed25519', typ: 'approval+jwt', kid: own.kid });

/** A compact JWS of any header and claims, signed as they are: no library that would rather not stands in the way. */
function jws(header: Header, claims: object, { privateJwk }: SigningKey = own): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = signBytes(null, Buffer.from(signed), { key: privateJwk, format: 'jwk' });
  return `${signed}.${signature.toString('base64url')}`;
}

const claimsOf = ({ token }: Permit): Claims => decodeJwt(token) as Claims;
/** The token with some of its claims changed, and signed again by the installation's own key. */
const claiming = (change: (claims: Claims) => object) => (permit: Permit) => {
  const claims = claimsOf(permit);
  return jws(trueHeader(), { ...claims, ...change(claims) });
};
/** The token with some of its header changed, and signed again. */
const heading =
  (header: () => Header, by: () => SigningKey = () => own) =>
  (permit: Permit) =>
    jws({ ...trueHeader(), ...header() }, claimsOf(permit), by());
/** The token under another algorithm, with what stands for its signature. */
const unsigned =
  (alg: unknown, signature: (signed: string, permit: Permit) => string) => (permit: Permit) => {
    const signed = `${encode({ ...trueHeader(), alg })}.${encode(claimsOf(permit))}`;
    return `${signed}.${signature(signed, permit)}`;
  };
const hmac = (secret: () => string | Buffer) =>
  unsigned('HS256', (signed) => createHmac('sha256', secret()).update(signed).digest('base64url'));
const publicKey = () => createPublicKey({ key: own.publicJwk, format: 'jwk' });

/** The same Ed25519 signature with the group's order added to its second half, which a careless verifier takes. */
function malleable({ token }: Permit): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
  const raised = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return [header, payload, Buffer.concat([bytes.subarray(0, 32), raised]).toString('base64url')].join('.');
}

/** The same signature to a decoder that overlooks the four bits behind its end. */
function spareBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) + 1];
}

/** Sends a body of these very bytes. */
async function send(
  intake: 'left' | 'right',
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${arena[intake].url}/v1/tokens/consume`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${arena.left.keys.agent}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
  const answer = (await response.json()) as JsonObject;
  return { status: response.status, code: answer.code, body: answer };
}
const bodyOf = (token: string, argsText = text): string =>
  `{"token":${JSON.stringify(token)},"args":${argsText}}`;

let permits = 0;
/** A permit for `args` that nobody has used, from one intake and the other. */
function newPermit(): Promise<Permit> {
  permits += 1;
  return proposeAllowed(permits % 2 === 0 ? arena.left : arena.right, 'pay', args);
}

/** Refused at both intakes with this status and code; and then the true token runs, once. */
async function expectRefused(
  permit: Permit,
  body: string | Uint8Array<ArrayBuffer>,
  status: number,
  code: string,
  headers?: Record<string, string>,
): Promise<void> {
  for (const intake of ['left', 'right'] as const) {
    const answer = await send(intake, body, headers);
    expect([intake, answer.status, answer.code]).toEqual([intake, status, code]);
    expect(answer.body).not.toHaveProperty('args');
    // A refusal gives nothing of the token away.
    for (const part of permit.token.split('.')) expect(JSON.stringify(answer.body)).not.toContain(part);
  }
  expect((await send('left', bodyOf(permit.token))).status).toBe(200);
  expect((await send('right', bodyOf(permit.token))).code).toBe('token_consumed');
}

describe('law 5: a token that is not ours, for this, now, is refused', () => {
  const hour = 3600;
  test.each<[name: string, forge: (permit: Permit) => string]>([
    ['alg none', unsigned('none', () => '')],
    ['alg none in other letters', unsigned('nOnE', () => '')],
    ['alg none with the true signature', unsigned('none', (_, { token }) => token.split('.')[2] ?? '')],
    ['no alg', unsigned(undefined, (_, { token }) => token.split('.')[2] ?? '')],
    ['no signature', ({ token }) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['HS256 with the bytes of the public key', hmac(() => Buffer.from(own.publicJwk.x ?? '', 'base64url'))],
    ['HS256 with the public key as it is published', hmac(() => JSON.stringify(own.publicJwk))],
    ['HS256 with the text of its coordinate', hmac(() => own.publicJwk.x ?? '')],
    ['HS256 with the public key as PEM', hmac(() => publicKey().export({ type: 'spki', format: 'pem' }))],
    ['HS256 with the public key as DER', hmac(() => publicKey().export({ type: 'spki', format: 'der' }))],
    ['HS256 with no secret', hmac(() => '')],
    ['another algorithm’s name over our signature', heading(() => ({ alg: 'ES256' }))],
    ['the signature in its other form', malleable],
    ['an unknown kid', heading(() => ({ kid: 'unknown' }))],
    ['no kid', heading(() => ({ kid: undefined }))],
    ['a kid that is a list', heading(() => ({ kid: [own.kid] }))],
    ['a kid that every object has', heading(() => ({ kid: '__proto__' }))],
    [
      'a stranger’s key under its own kid',
      heading(
        () => ({ kid: forger.kid }),
        () => forger,
      ),
    ],
    [
      'a stranger’s key under our kid',
      heading(
        () => ({}),
        () => forger,
      ),
    ],
    [
      'an embedded key',
      heading(
        () => ({ jwk: forger.publicJwk }),
        () => forger,
      ),
    ],
    [
      'an embedded key under its own kid',
      heading(
        () => ({ jwk: forger.publicJwk, kid: forger.kid }),
        () => forger,
      ),
    ],
    [
      'an address of keys',
      heading(
        () => ({ jku: lure.url, kid: forger.kid }),
        () => forger,
      ),
    ],
    [
      'an address of certificates',
      heading(
        () => ({ x5u: lure.url, kid: forger.kid }),
        () => forger,
      ),
    ],
    [
      'a certificate',
      heading(
        () => ({ x5c: [base64url.encode('certificate')] }),
        () => forger,
      ),
    ],
    ['an unknown critical header', heading(() => ({ crit: ['x'], x: 1 }))],
    ['a critical header that is not there', heading(() => ({ crit: ['exp'] }))],
    ['an empty list of critical headers', heading(() => ({ crit: [] }))],
    ['a payload that is not encoded', heading(() => ({ crit: ['b64'], b64: false }))],
    ['another typ', heading(() => ({ typ: 'JWT' }))],
    ['no typ', heading(() => ({ typ: undefined }))],
    ['another audience', claiming(() => ({ aud: 'another' }))],
    ['another workspace’s audience', claiming(() => ({ aud: 'countersign:side' }))],
    ['several audiences', claiming(({ aud }) => ({ aud: [aud, 'another'] }))],
    ['no audience', claiming(() => ({ aud: undefined }))],
    ['another issuer', claiming(() => ({ iss: 'https://evil.example' }))],
    ['no issuer', claiming(() => ({ iss: undefined }))],
    ['a time that is over', claiming(({ iat, exp }) => ({ iat: iat - hour, exp: exp - hour }))],
    [
      'a time that is just over, tolerance included',
      claiming(({ iat }) => ({ iat: iat - 306, exp: iat - 6 })),
    ],
    ['a time that is not yet', claiming(({ iat, exp }) => ({ iat: iat + hour, exp: exp + hour }))],
    ['a beginning that is not yet', claiming(({ iat }) => ({ nbf: iat + hour }))],
    ['a life of over five minutes', claiming(({ iat }) => ({ exp: iat + 301 }))],
    ['an old age, though its end is to come', claiming(({ iat, exp }) => ({ iat: iat - hour, exp }))],
    ['no end', claiming(() => ({ exp: undefined }))],
    ['no time of issue', claiming(() => ({ iat: undefined }))],
    ['an end that is a text', claiming(({ exp }) => ({ exp: String(exp) }))],
    ['a request that there is not', claiming(() => ({ request_id: 'req_01JZZZZZZZZZZZZZZZZZZZZZZZ' }))],
    ['another tool', claiming(() => ({ tool: 'wire' }))],
    ['another agent', claiming(() => ({ sub: 'another' }))],
    ['other args’ digest', claiming(() => ({ args_digest: `sha256:${'0'.repeat(64)}` }))],
    ['a claim that no token has', claiming(() => ({ admin: true }))],
    ['white space around', ({ token }) => ` ${token}`],
    ['padding behind', ({ token }) => `${token}==`],
    ['the signature with bits that stand for nothing', ({ token }) => spareBits(token)],
    ['a part too many', ({ token }) => `${token}.e30`],
    ['the form of an encrypted one', ({ token }) => `${token}.e30.e30`],
    [
      'the JSON form',
      ({ token }) => {
        const [header, payload, signature] = token.split('.');
        return JSON.stringify({ protected: header, payload, signature });
      },
    ],
    ['nothing in it', () => ''],
  ])('%s', async (_name, forge) => {
    const permit = await newPermit();
    await expectRefused(permit, bodyOf(forge(permit)), 401, 'token_invalid');
  });

  test('nobody went to look for a key where a header said', () => {
    expect(lure.calls).toBe(0);
  });

  test('the older name of the algorithm is the same, and runs', async () => {
    const permit = await newPermit();
    const token = heading(() => ({ alg: 'EdDSA' }))(permit);
    expect((await send('left', bodyOf(token))).status).toBe(200);
  });

  test('an expired one is refused under an Idempotency-Key that was never used as well', async () => {
    const permit = await newPermit();
    const old = claiming(({ iat, exp }) => ({ iat: iat - hour, exp: exp - hour }))(permit);
    await expectRefused(permit, bodyOf(old), 401, 'token_invalid', { 'idempotency-key': `new-${permit.id}` });
  });

  test.each<[name: string, token: unknown]>([
    ['a number', 1],
    ['null', null],
    ['a list', [['e30', 'e30', '']]],
    ['longer than any token', 'e'.repeat(20_000)],
  ])('a token that is %s has not the shape of one', async (_name, token) => {
    const body = `{"token":${JSON.stringify(token)},"args":${text}}`;
    await expectRefused(await newPermit(), body, 400, 'invalid_request');
  });
});

describe('law 5: the args that run are those that were approved', () => {
  const put = (from: string, to: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  test.each<[name: string, from: string, to: string]>([
    ['one digit', '"amount":1', '"amount":2'],
    ['one letter', '"bo"', '"bp"'],
    ['one letter of a key', '"to"', '"tO"'],
    ['the same letter in two characters', 'é', 'e\u0301'],
    ['a space in a text', '"bo"', '"bo "'],
    ['a number as a text', '"amount":1', '"amount":"1"'],
    ['one as true', '"amount":1', '"amount":true'],
    ['a little more than one', '"amount":1', '"amount":1.0000000000000002'],
    ['the order of a list', '[1,2,3]', '[1,3,2]'],
    ['one more value', '{"amount"', '{"more":null,"amount"'],
    ['one more value under a name that every object has', '{"amount"', '{"__proto__":{"x":1},"amount"'],
    ['one value less', ',"yes":true', ''],
  ])('changed by %s: refused', async (_name, from, to) => {
    const permit = await newPermit();
    await expectRefused(permit, bodyOf(permit.token, put(from, to)), 422, 'args_mismatch');
  });

  test.each<[name: string, same: string]>([
    ['keys in another order', '{"deep":{"yes":true,"list":[1,2,3]},"note":"é","to":"bo","amount":1}'],
    ['1.0 for 1', text.replace('"amount":1', '"amount":1.0')],
    ['1e0 for 1', text.replace('"amount":1', '"amount":1e0')],
    ['10e-1 for 1', text.replace('"amount":1', '"amount":10e-1')],
    ['white space between', text.replaceAll(',', ' ,\n\t').replaceAll(':', ' : ')],
    ['letters as escapes', text.replace('"bo"', '"\\u0062\\u006f"').replace('é', '\\u00e9')],
    ['letters of a key as escapes', text.replace('"to"', '"t\\u006f"')],
  ])('the same, written with %s: run, as they were approved', async (_name, same) => {
    const permit = await newPermit();
    const { status, body } = await send('left', bodyOf(permit.token, same));
    expect([status, body.args]).toEqual([200, args]);
    expect((await send('right', bodyOf(permit.token, same))).code).toBe('token_consumed');
  });

  test.each<[name: string, from: string, to: string, code: string]>([
    ['-0', '"amount":1', '"amount":-0', 'negative_zero'],
    ['-0.0', '"amount":1', '"amount":-0.0', 'negative_zero'],
    ['2^53 + 1', '"amount":1', '"amount":9007199254740993', 'unsafe_integer'],
    ['-(2^53 + 1)', '"amount":1', '"amount":-9007199254740993', 'unsafe_integer'],
    ['2^53 + 1 with a fraction of nothing', '"amount":1', '"amount":9007199254740993.0', 'unsafe_integer'],
    ['a number without end', '"amount":1', '"amount":1e400', 'non_finite'],
    ['NaN', '"amount":1', '"amount":NaN', 'invalid_json'],
    ['a key twice', '"amount":1', '"amount":1,"amount":1', 'duplicate_key'],
    ['a key twice, once as escapes', '"amount":1', '"amount":1,"\\u0061mount":1', 'duplicate_key'],
    ['a key twice, deep in', '"yes":true', '"yes":true,"yes":true', 'duplicate_key'],
    ['a lone surrogate', '"bo"', '"\\ud800"', 'lone_surrogate'],
    ['a lone surrogate of the other half', '"bo"', '"\\udc00b"', 'lone_surrogate'],
    ['a lone surrogate in a key', '"to"', '"\\ud83d"', 'lone_surrogate'],
    ['a comma too many', '[1,2,3]', '[1,2,3,]', 'invalid_json'],
    ['65 levels', '[1,2,3]', `${'['.repeat(65)}${']'.repeat(65)}`, 'too_deep'],
  ])('with %s: refused before anyone compares', async (_name, from, to, code) => {
    const permit = await newPermit();
    await expectRefused(permit, bodyOf(permit.token, put(from, to)), 400, code);
  });

  test.each<
    [name: string, body: (token: string) => string | Uint8Array<ArrayBuffer>, status: number, code: string]
  >([
    ['the args twice', (token) => bodyOf(token, `${text},"args":{"amount":9}`), 400, 'duplicate_key'],
    ['the token twice', (token) => bodyOf(token, `${text},"token":"e30"`), 400, 'duplicate_key'],
    ['args that are a list', (token) => bodyOf(token, `[${text}]`), 400, 'invalid_request'],
    ['no args', (token) => JSON.stringify({ token }), 400, 'invalid_request'],
    ['a member that no body has', (token) => bodyOf(token, `${text},"force":true`), 400, 'invalid_request'],
    ['bytes that are no text', (token) => latin1(bodyOf(token)), 400, 'invalid_utf8'],
    ['a byte order mark', (token) => `\ufeff${bodyOf(token)}`, 400, 'invalid_json'],
    ['more than 256 KiB', (token) => bodyOf(token, text + ' '.repeat(256 * 1024)), 413, 'body_too_large'],
  ])('a body with %s: refused', async (_name, body, status, code) => {
    const permit = await newPermit();
    await expectRefused(permit, body(permit.token), status, code);
  });

  /** As somebody would send `é` whose editor is set to another encoding. */
  function latin1(body: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(Buffer.from(body, 'latin1'));
  }
});

describe('a token of another', () => {
  test('request runs that request alone: its args are not these', async () => {
    const permit = await newPermit();
    const other = await proposeAllowed(arena.left, 'pay', { ...args, amount: 2 });
    await expectRefused(permit, bodyOf(other.token), 422, 'args_mismatch');
    const moved = claiming(() => ({ request_id: other.id }));
    const another = await newPermit();
    await expectRefused(another, bodyOf(moved(another)), 401, 'token_invalid');
  });

  test('law 13: workspace is refused in each direction, and runs at home', async () => {
    const ask = { agent: 'tester', tool: 'pay', args };
    const { body } = await arena.left.call<{ token: string }>(side, 'POST', '/v1/requests', ask);
    const permit = await newPermit();
    await expectRefused(permit, bodyOf(body.token), 401, 'token_invalid');
    const other = await newPermit();
    const asSide = { authorization: `Bearer ${side}` };
    await expectRefused(other, bodyOf(other.token), 401, 'token_invalid', asSide);
    expect((await send('left', bodyOf(body.token), asSide)).status).toBe(200);
    // What our own key would have to sign for it: the workspace is compared with the caller's nevertheless.
    const third = await newPermit();
    await expectRefused(
      third,
      bodyOf(claiming(() => ({ workspace: 'side' }))(third)),
      403,
      'agent_not_allowed',
    );
  });
});

test('law 5: a hundred consumptions at once, at two intakes, of several tokens of one approval: one run', async () => {
  for (const repeat of [false, true]) {
    const { id, token } = await newPermit();
    const tokens = [token];
    for (let n = 0; n < 3; n++)
      tokens.push((await read(n % 2 === 0 ? arena.left : arena.right, id)).token ?? '');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        const headers: Record<string, string> = repeat ? { 'idempotency-key': `${id}-${n}` } : {};
        return send(n % 2 === 0 ? 'left' : 'right', bodyOf(tokens[n % tokens.length] ?? ''), headers);
      }),
    );
    const codes = answers.map(({ status, code }) => code ?? status);
    expect(codes.filter((code) => code === 200)).toHaveLength(1);
    expect(codes.filter((code) => code === 'token_consumed')).toHaveLength(99);
    const { feed } = await arena.inspect();
    const used = feed.filter(({ type, request_id }) => type === 'token.consumed' && request_id === id);
    expect(used).toHaveLength(1);
  }
});

test('after all of this no law is broken, and nothing was used up that was refused', async () => {
  const { violations, feed } = await arena.inspect();
  expect(violations).toEqual([]);
  const used = feed.filter(({ type }) => type === 'token.consumed').map(({ request_id }) => request_id);
  expect(new Set(used).size).toBe(used.length);
});
