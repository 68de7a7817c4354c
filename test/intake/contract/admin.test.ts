import type {
  CreatedDestination,
  CreatedKey,
  DestinationView,
  FreezeView,
  KeyView,
  Person,
} from '@countersign/shared/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage();

let admin: string;
beforeEach(() => {
  admin = stage.keys.admin;
});
type Items<T> = { items: T[] };

describe('keys', () => {
  test('are shown once, listed without secrets, and stored as a hash', async () => {
    const { status, body } = await stage.call<CreatedKey>(admin, 'POST', '/v1/keys', {
      roles: ['agent', 'agent'],
      owner: 'zoe',
      agents: ['robot-*'],
      trusted_context: true,
      callback_origin: 'https://robots.example.com/some/path',
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^key_/),
      key: expect.stringMatching(/^cs_default_[\w-]{43}$/),
      callback_secret: expect.stringMatching(/^whsec_/),
    });
    const { body: list } = await stage.call<Items<KeyView>>(admin, 'GET', '/v1/keys');
    expect(list.items.find(({ id }) => id === body.id)).toEqual({
      id: body.id,
      roles: ['agent'],
      owner: 'zoe',
      agents: ['robot-*'],
      trusted_context: true,
      callback_origin: 'https://robots.example.com',
      created_at: expect.any(String),
    });
    expect(JSON.stringify(list)).not.toContain(body.callback_secret);
    const stored = JSON.stringify(await stage.redis.hgetall('cs:{default}:api-keys'));
    expect(stored).not.toContain(body.key);
    expect(stored).not.toContain(body.key.replace(/^cs_default_/, ''));
  });

  test('work at once, and are refused at once when revoked; the list remembers', async () => {
    const { body } = await stage.call<CreatedKey>(admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'zoe',
      agents: ['robot'],
    });
    const propose = () =>
      stage.call(body.key, 'POST', '/v1/requests', { tool: 'a.b', args: {}, agent: 'robot' });
    expect((await propose()).status).toBe(202);
    expect((await stage.call(admin, 'DELETE', `/v1/keys/${body.id}`)).status).toBe(204);
    const refused = await propose();
    expect([refused.status, refused.code]).toEqual([401, 'unauthorized']);
    const { body: list } = await stage.call<Items<KeyView>>(admin, 'GET', '/v1/keys');
    expect(list.items.find(({ id }) => id === body.id)).toHaveProperty('revoked_at');
    expect((await stage.call(admin, 'DELETE', `/v1/keys/${body.id}`)).status).toBe(204);
    expect((await stage.call(admin, 'DELETE', '/v1/keys/key_none')).code).toBe('not_found');
  });

  test('an agent’s key without agent names speaks for nobody', async () => {
    const { body } = await stage.call<CreatedKey>(admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'zoe',
    });
    const answer = await stage.call(body.key, 'POST', '/v1/requests', { tool: 'a.b', args: {}, agent: 'x' });
    expect([answer.status, answer.code]).toEqual([403, 'agent_not_allowed']);
  });

  test.each([
    { roles: [], owner: 'zoe' },
    { roles: ['king'], owner: 'zoe' },
    { roles: ['agent'] },
    { roles: ['agent'], owner: 'zoe', callback_origin: 'ftp://example.com' },
    { roles: ['agent'], owner: '../zoe' },
  ])('%o is 400 invalid_request', async (body) => {
    expect((await stage.call(admin, 'POST', '/v1/keys', body)).code).toBe('invalid_request');
  });
});

describe('people', () => {
  test('are added, replaced, listed and removed', async () => {
    const put = (body: object) => stage.call<Person>(admin, 'POST', '/v1/people', body);
    const made = await put({ id: 'Fay.O', name: 'Fay', email: 'fay@example.com', groups: ['finance'] });
    expect([made.status, made.body.groups]).toEqual([201, ['finance']]);
    expect((await put({ id: 'Fay.O', name: 'Fay O.' })).body).toEqual({
      id: 'Fay.O',
      name: 'Fay O.',
      groups: [],
    });
    const listed = async () =>
      (await stage.call<Items<Person>>(stage.keys.lead, 'GET', '/v1/people')).body.items.map(({ id }) => id);
    expect(await listed()).toContain('Fay.O');
    expect((await stage.call(admin, 'DELETE', '/v1/people/Fay.O')).status).toBe(204);
    expect(await listed()).not.toContain('Fay.O');
    expect((await stage.call(admin, 'DELETE', '/v1/people/Fay.O')).code).toBe('not_found');
  });
});

describe('destinations', () => {
  test('get a secret, shown once; headers are named and not shown', async () => {
    const { status, body } = await stage.call<CreatedDestination>(admin, 'POST', '/v1/destinations', {
      name: 'Ops',
      kind: 'webhook',
      url: 'https://hooks.example.com/x',
      headers: { 'X-Token': 'very-secret' },
      match: { tiers: ['high'], tools: ['pay.*'], events: ['request.created'] },
    });
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^whsec_/);
    const { body: list } = await stage.call<Items<DestinationView>>(admin, 'GET', '/v1/destinations');
    expect(list.items.find(({ id }) => id === body.id)).toMatchObject({
      name: 'Ops',
      header_names: ['X-Token'],
      match: { tiers: ['high'] },
    });
    expect(JSON.stringify(list)).not.toMatch(/whsec_|very-secret/);
    expect((await stage.call(admin, 'DELETE', `/v1/destinations/${body.id}`)).status).toBe(204);
    expect((await stage.call(admin, 'DELETE', `/v1/destinations/${body.id}`)).code).toBe('not_found');
  });

  test('of PagerDuty, Teams and text messages are listed without what lets anyone send by them', async () => {
    const made = [
      { name: 'On call', kind: 'pagerduty', secret: 'R0'.repeat(16) },
      { name: 'Finance', kind: 'teams', url: 'https://prod.example.com/workflows/1f?sig=very-secret' },
      { name: 'Phones', kind: 'sms', to: ['+4915112345678'] },
    ];
    for (const body of made)
      expect((await stage.call(admin, 'POST', '/v1/destinations', body)).status).toBe(201);
    const { body: list } = await stage.call<Items<DestinationView>>(admin, 'GET', '/v1/destinations');
    expect(JSON.stringify(list)).not.toMatch(/R0R0|very-secret/);
    expect(list.items.find(({ kind }) => kind === 'teams')?.url).toBe('https://prod.example.com');
  });

  test.each([
    { name: 'x', kind: 'webhook' },
    { name: 'x', kind: 'webhook', url: 'https://example.com', secret: 'short' },
    { name: 'x', kind: 'pigeon', url: 'https://example.com' },
    { name: 'x', kind: 'webhook', url: 'file:///etc/passwd' },
    { name: 'x', kind: 'pagerduty', secret: 'short' },
    { name: 'x', kind: 'teams' },
    { name: 'x', kind: 'sms', to: ['0151 12345678'] },
    { name: 'x', kind: 'email' },
    { name: 'x', kind: 'email', to: ['Ann <ann@example.com>'] },
    { name: 'x', kind: 'email', to: ['ann@example.com\r\nBcc: evil@example.com'] },
  ])('%o is 400 invalid_request', async (body) => {
    expect((await stage.call(admin, 'POST', '/v1/destinations', body)).code).toBe('invalid_request');
  });
});

describe('push subscriptions', () => {
  const endpoint = 'https://push.example.com/abc';
  const body = { endpoint, expirationTime: null, keys: { p256dh: 'p', auth: 'a' } };
  const all = () => stage.redis.hvals('cs:{default}:push-subscriptions');

  test('belong to the reviewer who made them; only that reviewer ends them', async () => {
    const made = await stage.call<{ id: string }>(
      stage.keys.reviewer,
      'POST',
      '/v1/push-subscriptions',
      body,
    );
    expect([made.status, made.body.id]).toEqual([201, expect.stringMatching(/^psh_/)]);
    expect((await stage.call(stage.keys.lead, 'DELETE', '/v1/push-subscriptions', { endpoint })).status).toBe(
      204,
    );
    expect(await all()).toHaveLength(1);
    await stage.call(stage.keys.reviewer, 'DELETE', '/v1/push-subscriptions', { endpoint });
    expect(await all()).toEqual([]);
  });

  test('are for reviewers', async () => {
    expect((await stage.call(admin, 'POST', '/v1/push-subscriptions', body)).code).toBe('forbidden');
  });
});

describe('freeze', () => {
  test('is set, listed to every key, and lifted', async () => {
    const { status, body } = await stage.call<FreezeView>(admin, 'POST', '/v1/freeze', {
      scope: 'tool',
      match: 'none.*',
      reason: 'drill',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^frz_/),
      scope: 'tool',
      match: 'none.*',
      set_by: 'cy',
    });
    const listed = async () =>
      (await stage.call<Items<FreezeView>>(stage.keys.agent, 'GET', '/v1/freeze')).body.items.find(
        ({ id }) => id === body.id,
      );
    expect(await listed()).toEqual(body);
    expect((await stage.call(stage.keys.lead, 'DELETE', `/v1/freeze/${body.id}`)).status).toBe(204);
    expect(await listed()).toMatchObject({ lifted_by: 'bo', lifted_at: expect.any(String) });
    expect((await stage.call(admin, 'DELETE', `/v1/freeze/${body.id}`)).status).toBe(204);
    expect((await stage.call(admin, 'DELETE', '/v1/freeze/frz_none')).code).toBe('not_found');
  });

  test('the newest is listed first, whatever order Redis keeps them in', async () => {
    const set: string[] = [];
    for (let n = 0; n < 12; n++) {
      const freeze = {
        scope: 'tool',
        match: `none.${n}`,
        reason: 'Long enough that Redis hashes it. '.repeat(3),
      };
      set.unshift((await stage.call<FreezeView>(admin, 'POST', '/v1/freeze', freeze)).body.id);
    }
    const { items } = (await stage.call<Items<FreezeView>>(admin, 'GET', '/v1/freeze')).body;
    expect(items.slice(0, 12).map(({ id }) => id)).toEqual(set);
    for (const id of set) await stage.call(admin, 'DELETE', `/v1/freeze/${id}`);
  });

  test.each([
    { scope: 'workspace', match: 'x', reason: 'r' },
    { scope: 'agent', reason: 'r' },
    { scope: 'tool', match: '', reason: 'r' },
    { scope: 'workspace' },
    { scope: 'planet', reason: 'r' },
  ])('%o is 400 invalid_request', async (body) => {
    expect((await stage.call(admin, 'POST', '/v1/freeze', body)).code).toBe('invalid_request');
  });
});

test.each<['GET' | 'POST', string, object | undefined]>([
  ['POST', '/v1/keys', { roles: ['admin'], owner: 'ann' }],
  ['GET', '/v1/keys', undefined],
  ['POST', '/v1/people', { id: 'ann', name: 'Ann', groups: ['finance'] }],
  ['POST', '/v1/destinations', { name: 'x', kind: 'webhook', url: 'https://example.com' }],
  ['GET', '/v1/destinations', undefined],
  ['POST', '/v1/freeze', { scope: 'workspace', reason: 'r' }],
  ['POST', '/v1/pair-codes', { person: 'cy', roles: ['admin'] }],
])('%s %s is not for reviewers and agents', async (method, path, body) => {
  for (const key of [stage.keys.reviewer, stage.keys.agent]) {
    const { status, code } = await stage.call(key, method, path, body);
    expect([status, code]).toEqual([403, 'forbidden']);
  }
});
