/** Law 13: nobody sees or touches another workspace. */
import type {
  CreatedDestination,
  CreatedKey,
  Drill,
  FreezeView,
  JsonObject,
  RequestView,
} from '@countersign/shared/contracts';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DevelopmentKeys, prepareDevelopment } from '../../services/intake/development.ts';
import { openStream } from './event-stream.ts';
import { keysAndValues } from './redis-state.ts';
import { onStage } from './stage.ts';

const policy = 'version: 1\nrules:\n  - { name: reads-run, tools: ["*.get"], effect: allow }\n';
const stage = onStage({ 'policy.yaml': policy, 'side/policy.yaml': policy });

/** Keys of the workspace `side`, and the ids of what is in it. */
let side: DevelopmentKeys;
let theirs: {
  request: RequestView;
  token: string;
  key: string;
  person: string;
  freeze: string;
  destination: string;
  drill: string;
};

beforeAll(async () => {
  const logger = pino({ level: 'error' });
  side = (await prepareDevelopment({ redisUrl: stage.server.url, logger }, 'side')).keys;
  const body = { agent: 'tester', tool: 'a.write', args: { secret: 'of side' } };
  const { body: proposed } = await stage.call<{ request: RequestView }>(
    side.agent,
    'POST',
    '/v1/requests',
    body,
  );
  const approved = await stage.call<{ request: RequestView }>(side.agent, 'POST', '/v1/requests', {
    ...body,
    args: { secret: 'approved' },
  });
  await stage.decide(side.reviewer, approved.body.request, { verdict: 'approve' });
  const { body: read } = await stage.read(side.agent, approved.body.request.id);
  const { body: key } = await stage.call<CreatedKey>(side.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'sid',
  });
  await stage.call(side.admin, 'POST', '/v1/people', { id: 'sid', name: 'Sid', groups: [] });
  const { body: freeze } = await stage.call<FreezeView>(side.admin, 'POST', '/v1/freeze', {
    scope: 'tool',
    match: 'none',
    reason: 'side drill',
  });
  const { body: destination } = await stage.call<CreatedDestination>(side.admin, 'POST', '/v1/destinations', {
    name: 'side hook',
    kind: 'webhook',
    url: 'https://side.example.com',
  });
  for (const order_id of ['ord-71001', 'ord-71002']) {
    const call = { ...body, args: { order_id }, reason: `It is about ${order_id}.` };
    const { body: made } = await stage.call<{ request: RequestView }>(
      side.agent,
      'POST',
      '/v1/requests',
      call,
    );
    await stage.decide(side.reviewer, made.request, { verdict: 'approve' });
  }
  const { body: drill } = await stage.call<Drill>(side.reviewer, 'POST', '/v1/drills', {});
  theirs = {
    request: proposed.request,
    token: read.token ?? '',
    key: key.id,
    person: 'sid',
    freeze: freeze.id,
    destination: destination.id,
    drill: drill.id,
  };
});

test('every call on an id of another workspace is 404, for the strongest key, and leaves no trace', async () => {
  const idOf: Record<string, string> = {
    requests: theirs.request.id,
    keys: theirs.key,
    people: theirs.person,
    freeze: theirs.freeze,
    destinations: theirs.destination,
    drills: theirs.drill,
  };
  const bodyOf: Record<string, JsonObject> = {
    decision: { verdict: 'approve', seen: { version: 1, args_digest: theirs.request.args_digest } },
    preview: { args: {} },
    outcome: { status: 'succeeded' },
    review: { verdict: 'fine', seen: { version: 1, args_digest: theirs.request.args_digest } },
    question: { text: 'Why?' },
    answer: { text: 'Because.' },
    answers: { card: 1, verdict: 'approve', seen: { version: 1, args_digest: theirs.request.args_digest } },
  };
  const everything = await stage.call<CreatedKey>(stage.keys.admin, 'POST', '/v1/keys', {
    roles: ['agent', 'reviewer', 'lead', 'admin', 'auditor'],
    owner: 'eve',
    agents: ['*'],
  });
  const tried: string[] = [];
  for (const [path, methods] of Object.entries(stage.document.paths)) {
    if (!path.includes('{id}')) continue;
    for (const method of Object.keys(methods)) {
      const [, , kind = ''] = path.split('/');
      const before = await keysAndValues(stage.redis);
      const { status, code } = await stage.call(
        everything.body.key,
        method.toUpperCase() as 'GET' | 'POST' | 'DELETE',
        path.replace('{id}', idOf[kind] ?? ''),
        method === 'post' ? (bodyOf[path.split('/').at(-1) ?? ''] ?? {}) : undefined,
      );
      expect([method, path, status, code]).toEqual([method, path, 404, 'not_found']);
      expect(await keysAndValues(stage.redis)).toEqual(before);
      tried.push(`${method} ${path}`);
    }
  }
  expect(tried.length).toBeGreaterThanOrEqual(13);
  expect((await stage.read(side.reviewer, theirs.request.id)).body.status).toBe('pending');
});

test('no list shows anything of it', async () => {
  const { admin, lead, agent } = stage.keys;
  const lists: [string, string][] = [
    [lead, '/v1/queue'],
    [lead, '/v1/requests'],
    [agent, '/v1/requests?agent=tester'],
    [lead, `/v1/requests?q=${theirs.request.id}`],
    [admin, '/v1/keys'],
    [admin, '/v1/people'],
    [admin, '/v1/destinations'],
    [admin, '/v1/freeze'],
  ];
  for (const [key, path] of lists) {
    const { status, body } = await stage.call(key, 'GET', path);
    expect([path, status]).toEqual([path, 200]);
    const text = JSON.stringify(body);
    for (const id of [theirs.request.id, theirs.key, theirs.freeze, theirs.destination, '"sid"', 'of side'])
      expect(text).not.toContain(id);
  }
});

test('a token of another workspace is not valid here, and still is there', async () => {
  const body = { token: theirs.token, args: { secret: 'approved' } };
  const here = await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', body);
  expect([here.status, here.code]).toEqual([401, 'token_invalid']);
  expect((await stage.call(side.agent, 'POST', '/v1/tokens/consume', body)).status).toBe(200);
});

test('a key names its workspace, and is no key of another by being renamed', async () => {
  const renamed = stage.keys.admin.replace('cs_default_', 'cs_side_');
  expect((await stage.call(renamed, 'GET', '/v1/keys')).code).toBe('unauthorized');
});

test('another workspace’s request can not be superseded', async () => {
  const { status, code } = await stage.propose({ tool: 'a.write', args: {}, supersedes: theirs.request.id });
  expect([status, code]).toEqual([404, 'not_found']);
  expect((await stage.read(side.agent, theirs.request.id)).body.status).toBe('pending');
});

describe('what happens in one', () => {
  test('is not heard in the other', async () => {
    const stream = await openStream(stage.intake.url, stage.keys.admin);
    const loud = await openStream(stage.intake.url, side.admin);
    await expect.poll(() => stream.events.length * loud.events.length).toBeGreaterThan(0);
    await stage.act(side.reviewer, theirs.request.id, 'view');
    await expect.poll(() => loud.events.map(({ event }) => event)).toContain('request.viewed');
    const { id } = await stage.ask('a.write', { own: true });
    await expect.poll(() => stream.events.map(({ data }) => data.request_id)).toContain(id);
    expect(JSON.stringify(stream.events)).not.toContain(theirs.request.id);
    expect(JSON.stringify(loud.events)).not.toContain(id);
    stream.close();
    loud.close();
  });

  test('does not bind the other: freezes, idempotency keys, rejections', async () => {
    const key = { 'idempotency-key': 'shared' };
    const body = { agent: 'tester', tool: 'a.write', args: { n: 1 } };
    const [here, there] = [
      await stage.call<{ request: RequestView }>(stage.keys.agent, 'POST', '/v1/requests', body, key),
      await stage.call<{ request: RequestView }>(
        side.agent,
        'POST',
        '/v1/requests',
        { ...body, args: {} },
        key,
      ),
    ];
    expect([here.status, there.status]).toEqual([202, 202]);
    await stage.decide(stage.keys.reviewer, here.body.request, { verdict: 'reject' });
    const { body: freeze } = await stage.call<FreezeView>(stage.keys.admin, 'POST', '/v1/freeze', {
      scope: 'workspace',
      reason: 'here only',
    });
    expect((await stage.call(side.agent, 'POST', '/v1/requests', body)).status).toBe(202);
    await stage.call(stage.keys.admin, 'DELETE', `/v1/freeze/${freeze.id}`);
  });
});
