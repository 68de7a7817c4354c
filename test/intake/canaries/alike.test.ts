/**
 * Law 10 over HTTP: whatever is done to a canary, and next to it to the very same call from its agent, the answers have
 * the same shape and length until it is answered; and nothing that is done to it, then or later, lets anything run.
 */
import { connect } from 'node:net';
import type { JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import { decodeEvent } from '@countersign/shared/feed';
import { loadRequest } from '@countersign/shared/request';
import fc from 'fast-check';
import { beforeAll, expect, test, vi } from 'vitest';
import { entryOf } from '../../../services/ledger/sealing/entry.ts';
import { openStream } from '../event-stream.ts';
import {
  activate,
  announced,
  keepToOurselves,
  keys,
  onStageWithInside,
  plantFrom,
  wasApproved,
} from './stage.ts';

const tools = ['plain.refund', 'held.refund', 'double.refund', 'granted.refund', 'typed.refund'] as const;
const policy = announced(`
rules:
  - { name: held, tools: [held.refund], effect: approval_required, tier: high, hold: 1m }
  - { name: double, tools: [double.refund], effect: approval_required, quorum: 2 }
  - { name: granted, tools: [granted.refund], effect: approval_required, grants: { calls: 5, for: 1h, per: [param.amount] } }
  - { name: typed, tools: [typed.refund], effect: approval_required, tier: critical, friction: { retype: [amount] } }
`);
const { stage, inside } = onStageWithInside(announced());
const sources = new Map<string, string>();
let dana: string;
beforeAll(async () => {
  for (const tool of tools) sources.set(tool, (await wasApproved(stage, tool)).id);
  dana = await stage.intake.addReviewer('dana');
  await activate(stage, policy);
});

/** A value by what can be told of it without knowing it: what is random or a time keeps its length and its letters' kinds. */
function outline(value: unknown, key = ''): unknown {
  const hidden =
    /^(id|request_id|salt|run_id|args_digest|at|created_at|expires_at|until|release_at|decided_at|feed_id|commitment|canary_commitment|instance|next_cursor)$/;
  if (typeof value === 'string') {
    const text = value.replaceAll(/req_[0-9A-Z]{26}|sha256:[0-9a-f]{64}/g, (one) =>
      one.replaceAll(/\w/g, 'x'),
    );
    return hidden.test(key) ? text.replaceAll(/[\w-]/g, 'x') : text;
  }
  if (typeof value === 'number') return hidden.test(key) || key === 'seq' ? 'number' : value;
  if (Array.isArray(value)) return value.map((one) => outline(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, inner]) => [name, outline(inner, name)]);
}

/** A canary and the same call from its agent. */
async function twins(
  tool: string,
): Promise<{ canary: RequestView; real: RequestView; resend: () => Promise<Proposed> }> {
  const id = await plantFrom(inside, sources.get(tool) ?? '');
  const planted = await loadRequest(stage.redis, keys, id);
  if (planted === undefined) throw new Error('it was just planted');
  const { record, payloads } = planted;
  const { args = {}, said } = payloads.first ?? {};
  const body = { tool, args, ...said, run_id: record.run_id };
  const real = await stage.ask(tool, args as JsonObject, { ...said, run_id: record.run_id });
  const { body: canary } = await stage.read(stage.keys.reviewer, id);
  return { canary, real, resend: async () => (await stage.propose(body)).body };
}

type Step = { as: 'ann' | 'bo' | 'dana' | 'agent' | 'admin'; verb: string; body?: JsonObject };

const seen = ({ version, args_digest }: RequestView) => ({ version, args_digest });
const wrongSeen = { version: 7, args_digest: `sha256:${'0'.repeat(64)}` };

/** Everything that can be asked of a request, or of what it stands in, without deciding it. */
const undecided = fc.oneof(
  fc.record({
    as: fc.constantFrom<Step['as'][]>('ann', 'bo', 'dana', 'agent', 'admin'),
    verb: fc.constantFrom('GET', 'search', 'search text', 'run', 'status', 'explain', 'proof'),
  }),
  fc.record({
    as: fc.constantFrom<Step['as'][]>('ann', 'bo', 'dana'),
    verb: fc.constantFrom(
      'queue',
      'batches',
      'grants',
      'throttles',
      'view',
      'claim',
      'release',
      'question',
      'undo',
      'revoke',
      'preview',
      'stale',
      'stale batch',
      'not granted',
      'edited away',
      'no such batch',
    ),
  }),
  fc.record({
    as: fc.constant<Step['as']>('agent'),
    verb: fc.constantFrom('answer', 'outcome', 'consume', 'decide own'),
  }),
);

const keyOf = (as: Step['as']): string =>
  ({ ann: stage.keys.reviewer, bo: stage.keys.lead, dana, agent: stage.keys.agent, admin: stage.keys.admin })[
    as
  ];

/** Takes one step at a request as it stands. */
async function take({ as, verb }: Step, request: RequestView): Promise<{ status: number; body: unknown }> {
  const key = keyOf(as);
  const at = `/v1/requests/${request.id}`;
  const post = (path: string, body: unknown = {}) => stage.intake.call(key, 'POST', path, body);
  const get = (path: string) => stage.intake.call(key, 'GET', path);
  const decide = (body: object) =>
    post(`${at}/decision`, { verdict: 'approve', seen: seen(request), ...body });
  switch (verb) {
    case 'GET':
      return get(at);
    case 'explain':
      return get(`${at}/route`);
    case 'proof':
      return get(`${at}/proof`);
    case 'batches':
    case 'grants':
    case 'throttles': {
      const { status, body } = await get(`/v1/${verb}`);
      return { status, body: JSON.stringify(body).includes(request.id) };
    }
    case 'search':
    case 'search text':
    case 'run':
    case 'status':
    case 'queue': {
      const asked = {
        'search text': `q=${request.id}`,
        run: `run_id=${request.run_id}&to=${request.created_at}&limit=200`,
        status: `status=pending&tier=${request.tier}&limit=200`,
      };
      const q = verb in asked ? asked[verb as keyof typeof asked] : `tool=${request.tool}&limit=200`;
      const path = verb === 'queue' ? '/v1/queue?limit=200' : `/v1/requests?${q}`;
      const { status, body } = await get(path);
      const { items } = body as { items?: RequestView[] };
      return { status, body: items?.filter(({ id }) => id === request.id) ?? body };
    }
    case 'release':
      return post(`${at}/claim`, { release: true });
    case 'question':
      return post(`${at}/question`, { text: 'Why so much?' });
    case 'answer':
      return post(`${at}/answer`, { text: 'It is what they paid.' });
    case 'outcome':
      return post(`${at}/outcome`, { status: 'succeeded' });
    case 'consume':
      return post('/v1/tokens/consume', { token: request.id, args: request.args });
    case 'preview':
      return post(`${at}/decision/preview`, { args: { ...request.args, note: 'x' } });
    case 'stale':
      return decide({ seen: wrongSeen });
    case 'stale batch':
      return post('/v1/decisions', { items: [{ id: request.id, verdict: 'reject', seen: wrongSeen }] });
    case 'no such batch':
      return post('/v1/decisions', {
        batch: 'bat_none',
        items: [{ id: request.id, verdict: 'approve', seen: seen(request) }],
      });
    case 'not granted':
      return decide({ grant: { calls: 49, seconds: 60 } });
    case 'edited away':
      return post(`${at}/decision`, { verdict: 'reject', seen: seen(request), args: {} });
    case 'decide own':
      return decide({});
    default:
      return post(`${at}/${verb}`);
  }
}

const events = async (id: string) =>
  (await stage.redis.xrange(keys.feed, '-', '+'))
    .map(([feedId, fields]) => decodeEvent(feedId, fields))
    .filter(({ request_id }) => request_id === id);

const sealed = async (id: string) =>
  (await events(id)).map((event) => outline(entryOf(event, 1, (name) => name)));

test('law 10: whoever asks what of it, before it is answered a canary answers as the same call from its agent does', async () => {
  const stream = await openStream(stage.intake.url, stage.keys.reviewer);
  await vi.waitUntil(() => stream.events.some(({ event }) => event === 'ready'));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...tools),
      fc.array(undecided, { minLength: 4, maxLength: 14, size: 'max' }),
      async (tool, steps) => {
        const { canary, real } = await twins(tool);
        expect(outline(canary)).toEqual(outline(real));
        for (const step of steps) {
          const [one, other] = [await take(step, canary), await take(step, real)];
          expect({ step, status: one.status, body: outline(one.body) }).toEqual({
            step,
            status: other.status,
            body: outline(other.body),
          });
          expect(JSON.stringify(one.body).length).toBe(JSON.stringify(other.body).length);
        }
        expect(await sealed(canary.id)).toEqual(await sealed(real.id));
        // What the log commits to, and shows to whoever reads it with its texts.
        const [text = '', other = ''] = await Promise.all(
          [canary, real].map(({ id }) => stage.redis.get(keys.payload(id, 1)).then((found) => found ?? '')),
        );
        expect(text.length).toBe(other.length);
        expect(outline(JSON.parse(text))).toEqual(outline(JSON.parse(other)));
        const streamed = (id: string) =>
          stream.events
            .filter(({ data }) => data.request_id === id)
            .map(({ event, data }) => [event, outline(data)]);
        const all = (await events(real.id)).length;
        await vi.waitUntil(() => streamed(canary.id).length >= all && streamed(real.id).length >= all, 5_000);
        expect(streamed(canary.id)).toEqual(streamed(real.id));
        for (const { id } of [canary, real]) await stage.act(stage.keys.agent, id, 'cancel');
      },
    ),
    { seed: 10, numRuns: 25 },
  );
  stream.close();
});

/** What a call has Redis do for this request: its commands, and how many arguments each is given. */
async function askedOfRedis(id: string, work: () => Promise<unknown>): Promise<string[]> {
  const { hostname, port } = new URL(stage.server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => (text += part));
  socket.write('MONITOR\r\n');
  await vi.waitUntil(() => text.startsWith('+OK'), 5_000);
  await work();
  await stage.redis.echo('that was all');
  await vi.waitUntil(() => text.includes('"that was all"'), 5_000);
  socket.destroy();
  // What a script does within shows as its own commands.
  const asked = text.split('\r\n').filter((line) => line.includes(id));
  return asked.map((line) => {
    const [command = '', ...args] = line.match(/(?<= )"(\\.|[^"\\])*"/g) ?? [];
    return `${line.includes(' lua] ') ? 'lua ' : ''}${command} ${args.length}`;
  });
}

test('law 10: each call has Redis do the same, in the same order, for a canary as for the same call of its agent', async () => {
  // The scheduler reads what waits of canaries now and then, and nobody waits for that.
  await keepToOurselves(stage);
  const { canary, real } = await twins('plain.refund');
  const asked = ['GET', 'run', 'view', 'view', 'claim', 'preview', 'question', 'stale', 'release', 'undo'];
  for (const verb of asked) {
    const step = { as: 'ann', verb } as const;
    const [one, other] = [
      await askedOfRedis(canary.id, () => take(step, canary)),
      await askedOfRedis(real.id, () => take(step, real)),
    ];
    expect(one.length, verb).toBeGreaterThan(2);
    expect(one, verb).toEqual(other);
  }
  for (const { id } of [canary, real]) await stage.act(stage.keys.agent, id, 'cancel');
});

const verdicts: ((request: RequestView) => object)[] = [
  () => ({ verdict: 'approve' }),
  ({ args }) => ({ verdict: 'approve', args: { ...args, amount: 1 } }),
  ({ args }) => ({ verdict: 'approve', args: { ...args, note: 'fine' } }),
  () => ({ verdict: 'approve', grant: { calls: 2, seconds: 60 } }),
  () => ({ verdict: 'reject', reason: 'too much' }),
];

test('law 10: no verdict of any kind lets it run, is remembered or granted, or is told to anybody but who gave it', async () => {
  for (const tool of tools) {
    for (const verdict of verdicts) {
      const { canary, real, resend } = await twins(tool);
      const friction = tool === 'typed.refund' ? { confirm: canary.args } : {};
      const body = { ...friction, ...verdict(canary) } as { verdict: 'approve' };
      if ('args' in body && 'confirm' in body) body.confirm = body.args as JsonObject;
      const given = await stage.decide(stage.keys.reviewer, canary, body);
      if (given.status !== 200) {
        // A grant where there is none to give is refused, as for any other.
        expect([given.status, given.code]).toEqual([422, 'grant_not_allowed']);
        await stage.decide(stage.keys.reviewer, canary, { ...friction, verdict: 'approve' });
      } else {
        expect(given.body).toMatchObject({
          status: 'cancelled',
          verdicts: [],
          canary: { kind: 'extra_zero', path: 'amount' },
        });
        expect(given.body.canary?.right).toBe(Number(canary.args.amount) / 10);
        const again = await stage.decide(stage.keys.reviewer, canary, body);
        expect(again.body).toMatchObject({ status: 'cancelled', canary: given.body.canary });
      }
      for (const key of [stage.keys.agent, stage.keys.lead, stage.keys.admin, dana]) {
        const { body: told } = await stage.read(key, canary.id);
        expect(told).toMatchObject({ status: 'cancelled', verdicts: [] });
        for (const secret of ['token', 'canary', 'decided_by', 'granted', 'valid_until'])
          expect(told).not.toHaveProperty(secret);
        expect(JSON.stringify(told)).not.toContain('too much');
      }
      const late = await stage.decide(dana, canary, { verdict: 'approve' });
      expect(late.code).toBe('already_decided');
      expect(late.body).not.toHaveProperty('decided_by');
      for (const verb of ['undo', 'revoke']) await stage.act(stage.keys.reviewer, canary.id, verb);
      const types = (await events(canary.id)).map(({ type }) => type);
      expect(types.filter((type) => /^(token|grant|outcome)\.|approved|rejected|revoked/.test(type))).toEqual(
        [],
      );
      const grants = await stage.call(stage.keys.admin, 'GET', '/v1/grants');
      expect(grants.status).toBe(200);
      expect(JSON.stringify(grants.body)).not.toContain('grt_');
      // The same call from its agent is asked about, and nobody is taken to have answered it.
      const proposed = await resend();
      expect(proposed.decision).toBe('approval_required');
      for (const id of [real.id, 'request' in proposed ? proposed.request.id : ''])
        await stage.act(stage.keys.agent, id, 'cancel');
    }
  }
});

test('what superseded, froze or outlived it was about a test as well: each end opens its commitment', async () => {
  const ends = async (id: string) => (await events(id)).at(-1)?.data?.canary;
  const { canary, real } = await twins('plain.refund');
  await stage.propose({ tool: 'plain.refund', args: { amount: 3 }, supersedes: canary.id });
  await stage.act(stage.keys.agent, real.id, 'cancel');
  expect(await ends(canary.id)).toMatchObject({ planted: true, salt: expect.any(String) });
  expect(await ends(real.id)).toMatchObject({ planted: false, salt: expect.any(String) });

  const frozen = await twins('plain.refund');
  await stage.call(stage.keys.admin, 'POST', '/v1/freeze', {
    scope: 'tool',
    match: 'plain.*',
    reason: 'stop',
  });
  await vi.waitUntil(
    async () => (await stage.read(stage.keys.admin, frozen.canary.id)).body.status === 'cancelled',
  );
  expect(await ends(frozen.canary.id)).toMatchObject({ planted: true });
});
