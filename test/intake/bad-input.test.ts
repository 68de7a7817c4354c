import type { CreatedKey, FreezeView, JsonObject, RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { keysAndValues } from './redis-state.ts';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
tiers:
  critical: { requires: [reason, preview.affected, context.ticket] }
rules:
  - { name: quick, tools: [quick.*], effect: approval_required, timeout: 1s }
  - { name: grave, tools: [grave.*], effect: approval_required, tier: critical }
  - { name: retype, tools: [retype.*], effect: approval_required, friction: { retype: [amount] } }
`);

type Sent = {
  key?: string;
  method?: string;
  path: string;
  body?: BodyInit;
  headers?: Record<string, string>;
};

/** Sends exactly these bytes. */
function send({ key = stage.keys.agent, method = 'POST', path, body, headers }: Sent): Promise<Response> {
  return fetch(stage.intake.url + path, {
    method,
    headers: { ...(key === '' ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  });
}

/** Sends what must be refused: a problem document of this code and status that says `says`, and nothing written. */
async function refused(sent: Sent, status: number, code: string, says: RegExp): Promise<JsonObject> {
  const before = await keysAndValues(stage.redis);
  const response = await send(sent);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document = (await response.json()) as JsonObject;
  expect(document).toMatchObject({
    type: `urn:countersign:${code}`,
    status,
    code,
    title: expect.any(String),
  });
  expect(response.status).toBe(status);
  expect(document.detail).toMatch(says);
  expect(document.detail).toMatch(/\.$/);
  expect(await keysAndValues(stage.redis)).toEqual(before);
  return document;
}

const propose = (args: string) => `{"agent":"tester","tool":"a.write","args":${args}}`;
const json = (body: object): BodyInit => JSON.stringify(body);
const proposal = (more: object = {}) => json({ agent: 'tester', tool: 'a.write', args: {}, ...more });
const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
const streamed = (text: string) => new Blob([text]).stream();
const big = propose(`{"a":"${'x'.repeat(256 * 1024)}"}`);

describe('bytes that are not what they should be', () => {
  test.each<[string, BodyInit, number, string, RegExp]>([
    ['cut short', '{"tool":', 400, 'invalid_json', /not valid JSON/],
    ['not JSON', 'tool=a.write', 400, 'invalid_json', /not valid JSON/],
    ['empty', '', 400, 'invalid_json', /not valid JSON/],
    ['with a trailing comma', '{"a":1,}', 400, 'invalid_json', /line 1, column 8/],
    ['with a comment', '{"a":1 /* x */}', 400, 'invalid_json', /not valid JSON/],
    ['with a byte order mark', `\u{feff}${propose('{}')}`, 400, 'invalid_json', /not valid JSON/],
    ['over 256 KiB', big, 413, 'body_too_large', /256 KiB/],
    ['over 256 KiB, of untold length', streamed(big), 413, 'body_too_large', /256 KiB/],
    ['with a key twice', propose('{"a":1,"a":2}'), 400, 'duplicate_key', /"a" stands twice/],
    ['with a key twice, spelled apart', propose('{"a":1,"\\u0061":2}'), 400, 'duplicate_key', /"a"/],
    ['with a member of the body twice', '{"tool":"a","tool":"b"}', 400, 'duplicate_key', /"tool"/],
    ['with 2^53 + 1', propose('{"a":9007199254740993}'), 400, 'unsafe_integer', /send it as a string/],
    ['with it as a decimal', propose('{"a":9007199254740993.0}'), 400, 'unsafe_integer', /as a string/],
    ['with it in exponents', propose('{"a":1e17}'), 400, 'unsafe_integer', /as a string/],
    ['with it as a fraction', propose('{"a":90071992547409930e-1}'), 400, 'unsafe_integer', /as a string/],
    ['with its negative', propose('{"a":[-9007199254740993]}'), 400, 'unsafe_integer', /\$\.args\.a\[0\]/],
    ['with -0', propose('{"a":-0}'), 400, 'negative_zero', /send 0/],
    ['with -0.0e1', propose('{"a":-0.0e1}'), 400, 'negative_zero', /send 0/],
    ['with 1e999', propose('{"a":1e999}'), 400, 'non_finite', /too large/],
    ['with bytes that are no UTF-8', new Uint8Array([123, 34, 0xff, 34, 125]), 400, 'invalid_utf8', /UTF-8/],
    ['with an overlong encoding', new Uint8Array([34, 0xc0, 0x80, 34]), 400, 'invalid_utf8', /UTF-8/],
    ['with half a surrogate pair', propose('{"a":"\\ud800"}'), 400, 'lone_surrogate', /surrogate/],
    ['with half a pair in a key', propose('{"\\udc00":1}'), 400, 'lone_surrogate', /surrogate/],
    ['65 deep', propose(nested(64)), 400, 'too_deep', /64 deep/],
    ['thousands deep', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'too_deep', /64 deep/],
  ])('a body that is %s is refused', async (_name, body, status, code, says) => {
    const { detail } = await refused({ path: '/v1/requests', body }, status, code, says);
    expect(detail).toMatch(/ (Correct the body and send it again|Send less)\.$/);
  });

  test('64 deep, 256 KiB and 2^53 − 1 are still taken', async () => {
    const wide = propose(`{"a":"${'x'.repeat(256 * 1024 - 100)}","n":9007199254740991}`);
    for (const body of [propose(nested(63)), wide, streamed(wide)])
      expect((await send({ path: '/v1/requests', body })).status).toBe(202);
  });

  test('a consumption is read as strictly', async () => {
    const body = '{"token":"x","args":{"a":1,"a":1}}';
    await refused({ path: '/v1/tokens/consume', body }, 400, 'duplicate_key', /"a" stands twice/);
  });
});

describe('bodies of the wrong shape', () => {
  test.each<[string, BodyInit, RegExp]>([
    ['null', 'null', /body: /],
    ['a list', '[]', /body: /],
    ['no tool', json({ agent: 'x', args: {} }), /tool: /],
    ['args that are a list', proposal({ args: [] }), /args: must be a JSON object/],
    ['an unknown member', proposal({ argz: {} }), /argz/],
    ['an unknown member of preview', proposal({ preview: { sumary: 'x' } }), /sumary/],
    ['an agent with a line break', proposal({ agent: 'a\nb' }), /agent: must be printable/],
    ['a tool that hides its name', proposal({ tool: 'a\u{202e}b' }), /tool: must be printable/],
    ['a timeout of nothing', proposal({ timeout: 0 }), /timeout: /],
    ['a negative cost', proposal({ cost: -1 }), /cost: /],
    ['a link that is a script', proposal({ links: [{ href: 'javascript:alert(1)' }] }), /links\.0\.href: /],
    ['a callback that is no address', proposal({ callback_url: 'here' }), /callback_url: /],
  ])('%s is 400 invalid_request and says where', async (_name, body, says) => {
    const { detail } = await refused({ path: '/v1/requests', body }, 400, 'invalid_request', says);
    expect(detail).toContain('/openapi.json has the shape');
  });

  test.each<[string, object]>([
    ['no seen', { verdict: 'approve' }],
    ['a verdict of its own', { verdict: 'maybe', seen: { version: 1, args_digest: 'x' } }],
    ['version 0', { verdict: 'approve', seen: { version: 0, args_digest: 'x' } }],
    [
      'a tool, which can not be edited',
      { verdict: 'approve', tool: 'b', seen: { version: 1, args_digest: 'x' } },
    ],
  ])('a decision with %s is 400 invalid_request', async (_name, body) => {
    const { id } = await stage.ask('a.write', {});
    const sent = { key: stage.keys.reviewer, path: `/v1/requests/${id}/decision`, body: json(body) };
    await refused(sent, 400, 'invalid_request', /Correct it/);
  });
});

describe('keys', () => {
  const path = '/v1/requests';

  test.each([
    ['none', ''],
    ['one that is none', 'hello'],
    ['one of no workspace', `cs_nowhere_${'x'.repeat(43)}`],
    ['one that was never made', `cs_default_${'x'.repeat(43)}`],
    ['one of a workspace that is no name', `cs_{x}_${'x'.repeat(43)}`],
  ])('%s is 401 unauthorized', async (_name, key) => {
    await refused({ key, path, body: proposal() }, 401, 'unauthorized', /Send `Authorization: Bearer cs_…`/);
  });

  test('a revoked one is 401 unauthorized', async () => {
    const body = { roles: ['agent'], owner: 'zoe', agents: ['*'] };
    const { body: made } = await stage.call<CreatedKey>(stage.keys.admin, 'POST', '/v1/keys', body);
    await stage.call(stage.keys.admin, 'DELETE', `/v1/keys/${made.id}`);
    await refused({ key: made.key, path, body: proposal() }, 401, 'unauthorized', /has not been revoked/);
  });

  test('one without the role is 403 forbidden, and says which roles there are', async () => {
    const sent = { key: stage.keys.reviewer, path, body: proposal() };
    await refused(sent, 403, 'forbidden', /for agent; this key is for reviewer/);
  });

  test('a wrong key is told before a wrong body', async () => {
    await refused({ key: '', path, body: '{' }, 401, 'unauthorized', /Send/);
  });

  test('law 14: an agent name that the key may not use, a callback elsewhere', async () => {
    const body = {
      roles: ['agent'],
      owner: 'zoe',
      agents: ['robot-*'],
      callback_origin: 'https://zoe.example',
    };
    const { key } = (await stage.call<CreatedKey>(stage.keys.admin, 'POST', '/v1/keys', body)).body;
    await refused({ key, path, body: proposal() }, 403, 'agent_not_allowed', /Use one of its own names/);
    for (const callback_url of [
      'https://zoe.example.evil.com/x',
      'http://zoe.example/x',
      'https://zoe.example:8443/',
    ]) {
      const sent = { key, path, body: proposal({ agent: 'robot-1', callback_url }) };
      await refused(sent, 403, 'callback_not_allowed', /origin is https:\/\/zoe\.example\. Use it/);
    }
    const fine = { agent: 'robot-1', callback_url: 'https://zoe.example/called' };
    expect((await send({ key, path, body: proposal(fine) })).status).toBe(202);
  });
});

describe('the wrong moment', () => {
  const decision = (shown: RequestView, more: object = {}) => ({
    key: stage.keys.reviewer,
    path: `/v1/requests/${shown.id}/decision`,
    body: json({
      verdict: 'approve',
      seen: { version: shown.version, args_digest: shown.args_digest },
      ...more,
    }),
  });

  test.each<[string, string, () => string]>([
    ['GET', '/v1/requests/req_none', () => stage.keys.reviewer],
    ['POST', '/v1/requests/req_none/cancel', () => stage.keys.agent],
    ['POST', '/v1/requests/req_none/view', () => stage.keys.reviewer],
    ['POST', '/v1/requests/req_none/undo', () => stage.keys.reviewer],
    ['POST', '/v1/requests/%2e%2e%2fstate/revoke', () => stage.keys.reviewer],
    ['DELETE', '/v1/freeze/frz_none', () => stage.keys.admin],
    ['DELETE', '/v1/people/__proto__', () => stage.keys.admin],
  ])('%s %s is 404 not_found', async (method, path, key) => {
    await refused({ key: key(), method, path }, 404, 'not_found', /There is no/);
  });

  test('a stale card is 409 stale', async () => {
    const shown = await stage.ask('a.write', { n: 1 });
    await refused(decision({ ...shown, version: 2 }), 409, 'stale', /Read it again, then decide/);
  });

  test('a late verdict is 409 already_decided', async () => {
    const shown = await stage.ask('quick.write', { n: 2 });
    await stage.read(stage.keys.agent, shown.id, { prefer: 'wait=20' });
    await refused(decision(shown), 409, 'already_decided', /timed_out by timeout; nothing was changed/);
  });

  test('a verdict without the confirmation is 422 confirmation_missing', async () => {
    const shown = await stage.ask('retype.write', { amount: 5 });
    await refused(decision(shown), 422, 'confirmation_missing', /Confirm the value of amount/);
  });

  test('a request without the context that policy wants is 422 context_required, and names it', async () => {
    const body = proposal({ tool: 'grave.write', reason: ' ', context: { ticket: null } });
    const document = await refused(
      { path: '/v1/requests', body },
      422,
      'context_required',
      /reason, preview\.affected, context\.ticket .* Add them and propose again/,
    );
    expect(document).toMatchObject({
      missing: ['reason', 'preview.affected', 'context.ticket'],
      rules: ['grave'],
    });
    const enough = { reason: 'r', preview: { affected: 'all' }, context: { ticket: 'T-1' } };
    expect(
      (await send({ path: '/v1/requests', body: proposal({ tool: 'grave.write', ...enough }) })).status,
    ).toBe(202);
  });

  test('another body under a used key is 409 idempotency_conflict', async () => {
    const headers = { 'idempotency-key': 'used' };
    await send({ path: '/v1/requests', body: proposal(), headers });
    const other = { path: '/v1/requests', body: proposal({ args: { n: 3 } }), headers };
    await refused(other, 409, 'idempotency_conflict', /Use a new key for a new call/);
  });

  test('to supersede what is not there is 404 not_found', async () => {
    const body = proposal({ args: { n: 4 }, supersedes: 'req_none' });
    await refused({ path: '/v1/requests', body }, 404, 'not_found', /no request req_none of this agent/);
  });

  test('a freeze without what it stops is 400 invalid_request', async () => {
    const body = json({ scope: 'tool', reason: 'x' });
    const sent = { key: stage.keys.admin, path: '/v1/freeze', body };
    await refused(sent, 400, 'invalid_request', /need a `match`/);
  });

  test('a token that is none is 401 token_invalid; a frozen one 403 frozen', async () => {
    const shown = await stage.ask('a.write', { n: 5 });
    await stage.decide(stage.keys.reviewer, shown, { verdict: 'approve' });
    const { token } = (await stage.read(stage.keys.agent, shown.id)).body;
    const path = '/v1/tokens/consume';
    await refused({ path, body: json({ token: 'x.y.z', args: {} }) }, 401, 'token_invalid', /./);
    const { body: freeze } = await stage.call<FreezeView>(stage.keys.admin, 'POST', '/v1/freeze', {
      scope: 'tool',
      match: 'a.*',
      reason: 'stop',
    });
    const frozen = await send({ path, body: json({ token, args: { n: 5 } }) });
    expect([frozen.status, (await frozen.json()).code]).toEqual([403, 'frozen']);
    await stage.call(stage.keys.admin, 'DELETE', `/v1/freeze/${freeze.id}`);
  });
});
