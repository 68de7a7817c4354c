import type {
  CreatedDestination,
  Deliveries,
  DestinationTest,
  DestinationView,
  Me,
  Replaying,
  Rotated,
} from '@countersign/shared/contracts';
import type { DeliveryAttempt, DestinationRecord } from '@countersign/shared/directory';
import { decodeEvent, encodeEvent } from '@countersign/shared/feed';
import { describe, expect, test, vi } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage();
const keys = { log: 'cs:{default}:delivery-log', feed: 'cs:{default}:feed' };
const admin = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
  stage.call(stage.keys.admin, method, path, body);

async function create(body: object = {}): Promise<CreatedDestination> {
  const made = await stage.call<CreatedDestination>(stage.keys.admin, 'POST', '/v1/destinations', {
    name: 'Ops',
    kind: 'webhook',
    url: 'https://hooks.example.com/x',
    ...body,
  });
  expect(made.status).toBe(201);
  return made.body;
}
const stored = async (id: string): Promise<DestinationRecord> =>
  JSON.parse((await stage.redis.hget('cs:{default}:destinations', id)) ?? '{}');
const listed = async (id: string): Promise<DestinationView | undefined> => {
  const { body } = await stage.call<{ items: DestinationView[] }>(
    stage.keys.admin,
    'GET',
    '/v1/destinations',
  );
  return body.items.find((one) => one.id === id);
};
const lastEvent = async (type: string) => {
  const feed = await stage.redis.xrevrange(keys.feed, '+', '-');
  return feed.map(([id, fields]) => decodeEvent(id, fields)).find((event) => event.type === type);
};
const log = (line: Partial<DeliveryAttempt>) => {
  const attempt: DeliveryAttempt = {
    at: Date.now(),
    channel: 'webhook',
    destination: 'dst_log',
    request_id: 'req_1',
    event_id: '1-0',
    event_type: 'request.created',
    attempt: 1,
    outcome: 'delivered',
    ...line,
  };
  return stage.redis.xadd(keys.log, '*', 'attempt', JSON.stringify(attempt));
};

describe('a destination', () => {
  test('is changed in what a body names, and stays as it is in the rest', async () => {
    const { id, secret } = await create({ headers: { 'X-Token': 'very-secret' } });
    const put = await admin('PUT', `/v1/destinations/${id}`, { name: 'On call', match: { tiers: ['high'] } });
    expect(put.status).toBe(204);
    expect(await stored(id)).toMatchObject({
      name: 'On call',
      url: 'https://hooks.example.com/x',
      secret,
      headers: { 'X-Token': 'very-secret' },
      match: { tiers: ['high'] },
    });
    const event = await lastEvent('destination.changed');
    expect(event).toMatchObject({ data: { destination: id, members: ['match', 'name'] } });
  });

  test('is not changed into one that its kind can not be', async () => {
    const { id } = await create();
    for (const body of [{ secret: 'short' }, { url: 'ftp://example.com/' }, { kind: 'slack' }])
      expect((await admin('PUT', `/v1/destinations/${id}`, body)).code).toBe('invalid_request');
    expect((await admin('PUT', '/v1/destinations/none', { name: 'x' })).code).toBe('not_found');
  });

  test('that was disabled says so and why, and is taken into use again without its failures', async () => {
    const { id } = await create();
    const disabled = { at: Date.now(), reason: 'It answered 410 Gone.' };
    await stage.redis.hset(
      'cs:{default}:destinations',
      id,
      JSON.stringify({ ...(await stored(id)), disabled }),
    );
    await stage.redis.hset('cs:{default}:failing', `webhook-${id}`, `${disabled.at} 41`);
    expect(await listed(id)).toMatchObject({
      disabled: { at: new Date(disabled.at).toISOString(), reason: disabled.reason },
      failing: { since: new Date(disabled.at).toISOString(), attempts: 41 },
    });
    await admin('PUT', `/v1/destinations/${id}`, { disabled: false });
    const after = await listed(id);
    expect(after).not.toHaveProperty('disabled');
    expect(after).not.toHaveProperty('failing');
  });

  test.each([
    ['taken into use again', { disabled: false }],
    ['given another address', { url: 'https://hooks.example.com/new' }],
  ])('that asked to be left alone says until when, and is no longer once it is %s', async (_, change) => {
    const { id } = await create();
    const pace = `cs:{default}:pace:webhook-${id}`;
    const held = Date.now() + 3_600_000;
    await stage.redis.hset(pace, { held, next: held });
    expect((await listed(id))?.held_until).toBe(new Date(held).toISOString());
    await admin('PUT', `/v1/destinations/${id}`, { name: 'Renamed' });
    expect(await listed(id)).toHaveProperty('held_until');
    await admin('PUT', `/v1/destinations/${id}`, change);
    expect(await listed(id)).not.toHaveProperty('held_until');
    expect(await stage.redis.exists(pace)).toBe(0);
  });

  test('is given a new secret, shown once, while the old one signs for another day', async () => {
    const { id, secret } = await create();
    const { status, body } = await stage.call<Rotated>(
      stage.keys.admin,
      'POST',
      `/v1/destinations/${id}/rotate`,
    );
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(secret);
    const { previous_secret, ...record } = await stored(id);
    expect(record.secret).toBe(body.secret);
    expect(previous_secret?.secret).toBe(secret);
    expect((previous_secret?.until ?? 0) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const view = await listed(id);
    expect(view?.previous_secret_until).toBe(body.previous_until);
    expect(JSON.stringify([view, await lastEvent('destination.secret_rotated')])).not.toMatch(/whsec_/);
  });

  test('of a kind whose secret is not ours has none rotated', async () => {
    const body = { name: 'Duty', kind: 'sms', to: ['+4915112345678'] };
    const made = await admin('POST', '/v1/destinations', body);
    expect((await admin('POST', `/v1/destinations/${made.body.id}/rotate`)).code).toBe('invalid_request');
  });

  test('remembers who added it, whoever changes it later', async () => {
    const { id } = await create();
    await admin('PUT', `/v1/destinations/${id}`, { name: 'Ops 2' });
    const { body: me } = await stage.call<Me>(stage.keys.admin, 'GET', '/v1/me');
    expect(await stored(id)).toMatchObject({ name: 'Ops 2', created_by: me.person.id });
    expect((await listed(id))?.created_by).toBe(me.person.id);
  });

  test('shows the public key that verifies what this installation signs', async () => {
    const [one, other] = [await create(), await create()];
    const key = (await listed(one.id))?.public_key;
    expect(key).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect((await listed(other.id))?.public_key).toBe(key);
  });
});

test('a test of a destination answers with what the peer said', async () => {
  const { id } = await create();
  const testing = stage.call<DestinationTest>(stage.keys.admin, 'POST', `/v1/destinations/${id}/test`);
  const asked = await vi.waitFor(async () => {
    const event = await lastEvent('destination.test_requested');
    expect(event?.data).toEqual({ destination: id });
    return event;
  });
  await log({ event_id: 'another' });
  await log({ event_id: asked?.id ?? '', outcome: 'gave_up', status: 404, response: 'no such hook' });
  const { body } = await testing;
  expect(body.event_id).toBe(asked?.id);
  expect(body.attempt).toMatchObject({ outcome: 'gave_up', status: 404, response: 'no such hook' });
  expect((await admin('POST', '/v1/destinations/none/test')).code).toBe('not_found');
});

describe('the delivery log', () => {
  const search = async (query: string): Promise<Deliveries> => {
    const answer = await stage.call<Deliveries>(stage.keys.admin, 'GET', `/v1/deliveries?${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };

  test('is searched by destination, request, event, outcome and time, newest first', async () => {
    const destination = 'dst_search';
    const first = await log({ destination, request_id: 'req_a', outcome: 'failed', code: 'http_500' });
    await log({ destination, request_id: 'req_b', event_id: '7-7' });
    const since = new Date(Number(first?.split('-')[0])).toISOString();
    const requests = async (query: string) => (await search(query)).items.map(({ request_id }) => request_id);
    expect(await requests(`destination=${destination}`)).toEqual(['req_b', 'req_a']);
    expect(await requests(`destination=${destination}&outcome=failed`)).toEqual(['req_a']);
    expect(await requests(`request=req_b&since=${since}`)).toEqual(['req_b']);
    expect(await requests('event=7-7')).toEqual(['req_b']);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await requests(`destination=${destination}&since=${later}`)).toEqual([]);
  });

  test('comes in pages that miss and repeat nothing', async () => {
    const destination = 'dst_pages';
    for (let n = 0; n < 7; n++) await log({ destination, request_id: `req_${n}` });
    const seen: (string | undefined)[] = [];
    let cursor = '';
    do {
      const page = await search(`destination=${destination}&limit=3${cursor}`);
      seen.push(...page.items.map(({ request_id }) => request_id));
      cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(['req_6', 'req_5', 'req_4', 'req_3', 'req_2', 'req_1', 'req_0']);
    expect((await admin('GET', '/v1/deliveries?cursor=x')).code).toBe('invalid_request');
  });
});

describe('a replay', () => {
  const replay = (body: object) =>
    stage.call<Replaying>(stage.keys.admin, 'POST', '/v1/deliveries/replay', body);

  test('of one request, or of all since a time, goes on record with who asked', async () => {
    const { id } = await create();
    const { id: request_id } = await stage.ask('a.write', { n: 1 });
    const one = await replay({ destination: id, request_id });
    expect(one.status).toBe(202);
    const event = await lastEvent('delivery.replay_requested');
    expect(event).toMatchObject({
      id: one.body.event_id,
      actor: { kind: 'person' },
      data: { destination: id, request: request_id },
    });
    const since = '2026-01-01T00:00:00Z';
    await replay({ destination: id, since });
    expect((await lastEvent('delivery.replay_requested'))?.data).toEqual({
      destination: id,
      since: Date.parse(since),
    });
  });

  test('says how many were queued to whoever waits for it', async () => {
    const { id } = await create();
    const body = { destination: id, since: '2026-01-01T00:00:00Z' };
    const prefer = { prefer: 'wait=30' };
    const asking = stage.call<Replaying>(stage.keys.admin, 'POST', '/v1/deliveries/replay', body, prefer);
    const asked = await vi.waitFor(async () => {
      const event = await lastEvent('delivery.replay_requested');
      expect(event?.data?.destination).toBe(id);
      return event;
    });
    // As the notifier says it; once for another replay, and once for this one.
    for (const [replay, queued] of [
      ['1-0', 9],
      [asked?.id, 3],
    ] as const) {
      const actor = { kind: 'system', id: 'notifier' } as const;
      const data = { replay, destination: id, queued };
      const event = encodeEvent({ type: 'delivery.replayed', at: Date.now(), actor, data });
      await stage.redis.xadd(keys.feed, '*', ...event);
    }
    const { body: answer, headers } = await asking;
    expect(answer).toEqual({ event_id: asked?.id, queued: 3 });
    expect(headers.get('preference-applied')).toBe('wait=30');
  });

  test('is refused for what is not there, and for both or neither of the two', async () => {
    const { id } = await create();
    expect((await replay({ destination: id, request_id: 'req_none' })).code).toBe('not_found');
    expect((await replay({ destination: 'none', since: '2026-01-01T00:00:00Z' })).code).toBe('not_found');
    for (const more of [{}, { request_id: 'r', since: '2026-01-01T00:00:00Z' }, { since: 'yesterday' }])
      expect((await replay({ destination: id, ...more })).code).toBe('invalid_request');
  });
});

test.each([
  ['GET', '/v1/deliveries', undefined],
  ['POST', '/v1/deliveries/replay', { destination: 'd', request_id: 'r' }],
  ['PUT', '/v1/destinations/d', {}],
  ['POST', '/v1/destinations/d/rotate', undefined],
  ['POST', '/v1/destinations/d/test', undefined],
] as const)('%s %s is for admins', async (method, path, body) => {
  for (const key of [stage.keys.reviewer, stage.keys.agent])
    expect((await stage.call(key, method, path, body)).code).toBe('forbidden');
});
