import type { Preferences, RouteExplanation, RouteLine } from '@countersign/shared/contracts';
import { globalKeys } from '@countersign/shared/keys';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
default: allow
groups: { finance: [fay] }
rules:
  - name: refunds
    tools: [orders.process_refund]
    effect: approval_required
    tier: high
    channels: [email]
    reviewers: [finance]
  - { name: big, tools: [orders.buy], when: param.amount > 50, effect: approval_required, tier: critical }
  - name: ladder
    tools: [db.drop]
    effect: approval_required
    reviewers: [finance]
    escalate: [{ after: 5m, notify: [ann], channels: [sms] }, { after: 10m, reviewers: [bo] }]
  - { name: paged, tools: [orders.page], effect: approval_required, channels: [pagerduty, digest] }
  - { name: never, tools: [orders.delete], effect: deny }
`);

/** As a running notifier says it, with a mail server and no account for text messages. */
const announce = (channels = ['webhook', 'push', 'callback', 'slack', 'pagerduty', 'teams', 'email']) =>
  stage.redis.set(globalKeys.notifierChannels, JSON.stringify(channels));

let asked = 0;
/** Another request each time: what was rejected is not asked again. */
const ask = () => stage.ask('orders.process_refund', { order: ++asked });
const explain = (id: string, key = stage.keys.admin) =>
  stage.call<RouteExplanation>(key, 'GET', `/v1/requests/${id}/route`);
const whatIf = (body: object, key = stage.keys.admin) =>
  stage.call<RouteExplanation>(key, 'POST', '/v1/route', { agent: 'tester', ...body });
const found = (lines: RouteLine[], id: string) =>
  lines.filter((line) => line.id === id).map(({ channel = '', code }) => [channel, code]);
const notes = ({ notes }: RouteExplanation) => notes.map(({ code }) => code);

let fay: string;
let hook: string;
beforeEach(() => announce());
beforeAll(async () => {
  fay = await stage.intake.addReviewer('fay');
  const { admin } = stage.keys;
  await stage.call(admin, 'POST', '/v1/people', { id: 'fay', name: 'Fay', email: 'fay@example.com' });
  const hooked = { name: 'ops', kind: 'webhook', url: 'https://ops.example.com/secret-path' };
  hook = (await stage.call<{ id: string }>(admin, 'POST', '/v1/destinations', hooked)).body.id;
});

describe('the explanation of a request', () => {
  test('names who would hear by which channel and why, and who would not', async () => {
    const { id } = await ask();
    const { status, body } = await explain(id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      request_id: id,
      agent: 'tester',
      tool: 'orders.process_refund',
      tier: 'high',
      status: 'pending',
      audience: ['finance'],
      channels: ['email'],
      notes: [],
    });
    expect(found(body.hears, hook)).toEqual([['webhook', 'matches']]);
    expect(found(body.hears, 'fay')).toEqual([['email', 'own_settings']]);
    expect(found(body.silent, 'fay')).toEqual([['push', 'no_address']]);
    expect(found(body.silent, 'ann')).toEqual([['', 'not_in_audience']]);
    const line = body.silent.find(({ id }) => id === 'ann');
    expect(line?.reason).toBe('They may not decide it: it is for finance.');
  });

  test('follows what a person wishes at once', async () => {
    const { id } = await ask();
    const wish = (body: Partial<Preferences>) => stage.call(fay, 'PUT', '/v1/preferences', body);
    await wish({ channels: { low: [], medium: [], high: [], critical: [] } });
    expect(found((await explain(id)).body.hears, 'fay')).toEqual([['email', 'policy_asks']]);
    await wish({ quiet_hours: [{ from: '00:00', to: '00:00' }] });
    expect(found((await explain(id)).body.silent, 'fay')).toEqual([['', 'quiet_hours']]);
    await wish({ absence: { from: '2020-01-01T00:00:00Z', until: '2120-01-01T00:00:00Z', delegate: 'ann' } });
    const { body } = await explain(id);
    const away = body.silent.find((line) => line.id === 'fay');
    expect(away?.reason).toMatch(/^They are away until 2120.* ann was to stand in, and may not decide/);
    await wish({});
  });

  test('says what the ladder will do', async () => {
    const { id } = await stage.ask('db.drop', {});
    const { body } = await explain(id);
    expect(notes(body)).toEqual(['ladder', 'ladder']);
    expect(body.notes.map(({ text }) => text.replace(/At \S+/, 'Then'))).toEqual([
      'Then it is told again to ann beside those who may decide, by sms too.',
      'Then it is told again to everyone who may decide; bo may decide as well from then on.',
    ]);
  });

  test('holds no address and no credential', async () => {
    const { id } = await ask();
    const text = JSON.stringify((await explain(id)).body);
    for (const secret of ['fay@example.com', 'secret-path', 'whsec_']) expect(text).not.toContain(secret);
  });

  test('says what has been told already, and of what is over that nobody is asked any more', async () => {
    const shown = await ask();
    await stage.redis.sadd(`cs:{default}:asked:${shown.id}`, 'email-person.fay');
    const told = (await explain(shown.id)).body.hears.filter((line) => line.told);
    expect(told.map(({ id }) => id)).toEqual(['fay']);
    await stage.decide(fay, shown, { verdict: 'reject' });
    const { body } = await explain(shown.id);
    expect(found(body.hears, 'fay')).toEqual([['email', 'told_before']]);
    expect(notes(body)).toEqual(['over']);
  });

  test('says that nothing is sent while no notifier runs', async () => {
    const { id } = await ask();
    await stage.redis.del(globalKeys.notifierChannels);
    const { body } = await explain(id);
    expect(notes(body)).toEqual(['no_notifier', 'unheard']);
    expect(body.hears).toEqual([]);
  });

  test('is for admins and leads', async () => {
    const { id } = await ask();
    expect((await explain(id, stage.keys.lead)).status).toBe(200);
    for (const key of [stage.keys.reviewer, stage.keys.agent]) {
      expect((await explain(id, key)).code).toBe('forbidden');
      expect((await whatIf({ tool: 'a.b' }, key)).code).toBe('forbidden');
    }
    expect((await explain('req_none')).code).toBe('not_found');
  });
});

describe('the explanation of a call that nobody has proposed', () => {
  test('is judged by policy, whose tier, groups and channels it has', async () => {
    const { body } = await whatIf({ tool: 'orders.process_refund' });
    expect(body).toMatchObject({ effect: 'approval_required', tier: 'high', audience: ['finance'] });
    expect(body).not.toHaveProperty('request_id');
    expect(found(body.hears, 'fay')).toEqual([['email', 'own_settings']]);
  });

  test('takes arguments for its conditions, and any tier', async () => {
    const big = await whatIf({ tool: 'orders.buy', args: { amount: 80 } });
    expect(big.body).toMatchObject({ effect: 'approval_required', tier: 'critical', audience: ['any'] });
    const low = await whatIf({ tool: 'orders.process_refund', tier: 'low' });
    expect(found(low.body.hears, 'fay')).toEqual([['email', 'policy_asks']]);
  });

  test('says so where policy asks for a channel by which nobody hears', async () => {
    const { body } = await whatIf({ tool: 'orders.page' });
    expect(body.notes).toEqual([
      { code: 'channel_unreached', text: 'Policy asks for pagerduty, and nobody hears by that.' },
    ]);
  });

  test('says so where policy would ask nobody', async () => {
    expect(notes((await whatIf({ tool: 'orders.get' })).body)).toEqual(['policy_allow']);
    expect(notes((await whatIf({ tool: 'orders.delete' })).body)).toEqual(['policy_deny']);
  });

  test('puts nothing on record', async () => {
    const before = await stage.redis.xlen('cs:{default}:feed');
    await whatIf({ tool: 'orders.process_refund' });
    expect(await stage.redis.xlen('cs:{default}:feed')).toBe(before);
  });
});
