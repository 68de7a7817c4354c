/** Law 12: secrets never enter job data, logs or the feed; args never enter job data or logs. */
import { Writable } from 'node:stream';
import type {
  CreatedDestination,
  CreatedKey,
  PairCode,
  Paired,
  Proposed,
  RequestView,
} from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let redis: Redis;
let intake: TestIntake;
const lines: string[] = [];
/** Everything that it would log at its most talkative. */
const logger = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
/** What must be nowhere but where it belongs. */
const secrets: Record<string, string> = {};
/** What the agent and the reviewer wrote. */
const words = [
  'amount-of-args',
  'value-of-edit',
  'words-of-reason',
  'words-of-verdict',
  'value-of-context',
  'detail-of-run',
  'words-of-question',
  'words-of-answer',
];

async function flow(): Promise<void> {
  const { keys, call } = intake;
  const post = <Body>(key: string, path: string, body: object) => call<Body>(key, 'POST', path, body);
  Object.assign(secrets, keys);
  const { body: key } = await post<CreatedKey>(keys.admin, '/v1/keys', {
    roles: ['agent'],
    owner: 'zoe',
    agents: ['*'],
    callback_origin: 'https://agents.example.com',
  });
  const { body: hook } = await post<CreatedDestination>(keys.admin, '/v1/destinations', {
    name: 'ops',
    kind: 'webhook',
    url: 'https://hooks.example.com',
    headers: { 'x-token': 'credential-of-header' },
  });
  const { body: code } = await post<PairCode>(keys.admin, '/v1/pair-codes', { person: 'ann' });
  const { body: paired } = await post<Paired>('', '/v1/pair', { code: code.code });
  const { body: proposed } = await post<Proposed>(key.key, '/v1/requests', {
    agent: 'robot',
    tool: 'pay.out',
    args: { to: 'amount-of-args' },
    context: { ticket: 'value-of-context' },
    reason: 'words-of-reason',
    resume: 'words-of-reason',
    callback_url: 'https://agents.example.com/answer',
  });
  if (proposed.decision !== 'approval_required') throw new Error(proposed.decision);
  const { id, version, args_digest } = proposed.request;
  const seen = { version, args_digest };
  const path = `/v1/requests/${id}`;
  await post(paired.key, `${path}/view`, { seen });
  await post(paired.key, `${path}/question`, { text: 'words-of-question' });
  await post(key.key, `${path}/answer`, { text: 'words-of-answer' });
  await post(paired.key, `${path}/decision`, {
    verdict: 'approve',
    args: { to: 'value-of-edit' },
    reason: 'words-of-verdict',
    seen,
  });
  const { body: read } = await call<RequestView>(key.key, 'GET', path);
  const args = { to: 'value-of-edit' };
  await post(key.key, '/v1/tokens/consume', { token: `${read.token}x`, args });
  await post(key.key, '/v1/tokens/consume', { token: read.token, args: { to: 'amount-of-args' } });
  await post(key.key, '/v1/tokens/consume', { token: read.token, args });
  await post(key.key, `${path}/outcome`, { status: 'succeeded', detail: { said: 'detail-of-run' } });
  await post(keys.agent, '/v1/requests', { agent: 'robot', tool: 'pay.out', args: { to: 'amount-of-args' } });
  Object.assign(secrets, {
    made: key.key,
    callback: key.callback_secret,
    hook: hook.secret,
    header: 'credential-of-header',
    code: code.code,
    paired: paired.key,
    token: read.token,
  });
}

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client();
  intake = await startTestIntake({ redisUrl: server.url, logger });
  await flow();
});
afterAll(async () => {
  await intake.stop();
  await server.stop();
});

/** Everything that Redis holds, as text by key. */
async function contents(pattern: string): Promise<[key: string, text: string][]> {
  const read = {
    string: (key: string) => redis.get(key),
    hash: (key: string) => redis.hgetall(key),
    set: (key: string) => redis.smembers(key),
    list: (key: string) => redis.lrange(key, '0', '-1'),
    zset: (key: string) => redis.zrange(key, '0', '-1'),
    stream: (key: string) => redis.xrange(key, '-', '+'),
  } as const;
  const keys = await redis.keys(pattern);
  return Promise.all(
    keys.map(async (key): Promise<[string, string]> => {
      const kind = (await redis.type(key)) as keyof typeof read;
      return [key, `${key} ${JSON.stringify(await read[kind](key))}`];
    }),
  );
}
const holding = (found: [string, string][], what: string) =>
  found
    .filter(([, text]) => text.includes(what) || text.includes(JSON.stringify(what).slice(1, -1)))
    .map(([key]) => key);

describe('after a whole flow', () => {
  test('keys, tokens and pairing codes are nowhere in Redis, not even where keys are kept', async () => {
    const found = await contents('*');
    for (const name of ['agent', 'reviewer', 'lead', 'admin', 'made', 'paired', 'code', 'token'])
      expect([name, secrets[name]?.length ?? 0, holding(found, secrets[name] ?? '')]).toEqual([
        name,
        expect.any(Number),
        [],
      ]);
  });

  test('signing secrets and credentials are only where they are used', async () => {
    const found = await contents('*');
    expect(holding(found, secrets.callback ?? '')).toEqual(['cs:{default}:api-keys']);
    expect(holding(found, secrets.hook ?? '')).toEqual(['cs:{default}:destinations']);
    expect(holding(found, secrets.header ?? '')).toEqual(['cs:{default}:destinations']);
  });

  test('the feed and the jobs hold no args and nobody’s words', async () => {
    const feed = await contents('cs:{default}:feed');
    const jobs = await contents('{cs:jobs}*');
    expect(feed).toHaveLength(1);
    expect(jobs.length).toBeGreaterThan(0);
    for (const word of words) expect([word, holding([...feed, ...jobs], word)]).toEqual([word, []]);
  });

  test('args and words are in erasable payloads only, but for the reviewer’s reason', async () => {
    const found = await contents('*');
    for (const word of words.filter((name) => name !== 'words-of-verdict')) {
      const keys = holding(found, word);
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((key) => !/^cs:\{default\}:(payload|questions|outcome):/.test(key))).toEqual([]);
    }
  });
});

/** Fails with what of it a log line gave away. */
function expectNothingInLog(): void {
  const log = lines.join('');
  for (const [name, secret] of Object.entries(secrets))
    expect([name, log.includes(secret)]).toEqual([name, false]);
  for (const word of words) expect([word, log.includes(word)]).toEqual([word, false]);
}

describe('the log', () => {
  test('holds neither secrets nor args after a flow', () => {
    expectNothingInLog();
  });

  test('nor after bodies that were refused', async () => {
    for (const body of [
      '{"token":"amount-of-args"',
      '{"args":{"a":"amount-of-args","a":1}}',
      '["amount-of-args"]',
    ]) {
      await fetch(`${intake.url}/v1/requests`, {
        method: 'POST',
        headers: { authorization: `Bearer ${intake.keys.agent}` },
        body,
      });
    }
    expectNothingInLog();
  });

  test('nor when Redis refuses a commit: its errors carry the command with all arguments', async () => {
    const body = { agent: 'robot', tool: 'pay.out', args: { to: 'amount-of-args', again: true } };
    await redis.config('SET', 'maxmemory', '1');
    try {
      const { status, code } = await intake.call(intake.keys.agent, 'POST', '/v1/requests', body);
      expect([status, code]).toEqual([503, 'unavailable']);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    expect(lines.join('')).toContain('the store is away');
    expectNothingInLog();
  });

  test('nor when a bug in what is stored makes a call fail', async () => {
    const { body } = await intake.call<Proposed>(intake.keys.agent, 'POST', '/v1/requests', {
      agent: 'robot',
      tool: 'pay.out',
      args: { to: 'amount-of-args', third: true },
    });
    if (body.decision !== 'approval_required') throw new Error(body.decision);
    await redis.set(`cs:{default}:payload:${body.request.id}:1`, '{"args":"amount-of-args" oops');
    const { status, code } = await intake.call(intake.keys.agent, 'GET', `/v1/requests/${body.request.id}`);
    expect([status, code]).toEqual([500, 'internal']);
    expect(lines.join('')).toContain('unexpected failure');
    expectNothingInLog();
  });
});
