/** The sealed log over HTTP: verified from outside, proven entry by entry, read by those who oversee. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AuditEntries, CreatedKey, RequestProof, RequestView } from '@countersign/shared/contracts';
import { bundlePath, leafHash, parseVerifierKey, verifyProof } from '@countersign/shared/tlog';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { addressSource } from '../../cli/audit/source.ts';
import { verifyLog } from '../../cli/audit/verify.ts';
import { type DevelopmentKeys, prepareDevelopment } from '../../services/intake/development.ts';
import { countersign } from '../support/terminal.ts';
import { onLedgerStage } from './stage.ts';

const policy = 'version: 1\ndefault: approval_required\nrules: []\n';
const stage = onLedgerStage({ 'policy.yaml': policy, 'side/policy.yaml': policy });

const get = (key: string, path: string) =>
  fetch(`${stage.intake.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
const proofOf = (key: string, id: string, query = '') =>
  stage.call<RequestProof>(key, 'GET', `/v1/requests/${id}/proof${query}`);
const entriesOf = (key: string, query = '') =>
  stage.call<AuditEntries>(key, 'GET', `/v1/audit/entries${query}`);
const verifierKey = async (key = stage.auditor) => (await get(key, '/v1/audit/verifier-key')).text();

/** Of the feed, the newest last. */
async function told(type: string): Promise<{ actor: unknown; data: Record<string, unknown> }[]> {
  const events = await stage.redis.xrange('cs:{default}:feed', '-', '+');
  return events.map(([, fields]) => JSON.parse(fields[3] ?? '{}')).filter((event) => event.type === type);
}

let side: DevelopmentKeys;
let request: RequestView;
beforeAll(async () => {
  const logger = pino({ level: 'error' });
  side = (await prepareDevelopment({ redisUrl: stage.server.url, logger }, 'side')).keys;
  for (let n = 0; n < 100; n++) await stage.decided({ note: `one of many, ${n}` });
  request = await stage.decided({ to: 'zoe@example.com' });
  await stage.sealed();
});

describe('whoever does not trust the server', () => {
  test('verifies every entry over HTTP, with the log’s key and an API key', async () => {
    const key = parseVerifierKey((await verifierKey()).trim());
    if (!key.ok) throw new Error(key.message);
    const source = addressSource(`${stage.intake.url}/v1/audit/`, stage.auditor);
    const verified = await verifyLog(source, {
      key: key.value,
      fresh: { maxAgeMs: 60_000, now: Date.now() },
    });
    expect(verified).toMatchObject({ findings: [], origin: key.value.name });
    expect('size' in verified && verified.size).toBeGreaterThan(300);
  });

  test('does so by the command as well', async () => {
    const place = `${stage.intake.url}/v1/audit/`;
    const by = ['--key', (await verifierKey()).trim(), '--api-key', stage.auditor];
    expect(await countersign(['audit', 'verify', place, ...by])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/✓ \d+ entries of countersign\/default\/\w+ are what was sealed\./),
    });
    const other = ['--key', (await verifierKey(side.lead)).trim(), '--api-key', stage.auditor];
    expect(await countersign(['audit', 'verify', place, ...other])).toMatchObject({ code: 1 });
  });

  test('keeps a full tile for ever, and asks again for the checkpoint', async () => {
    const full = await get(stage.auditor, '/v1/audit/tile/0/000');
    expect(full.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(full.headers.get('content-type')).toBe('application/octet-stream');
    expect((await full.arrayBuffer()).byteLength).toBe(8_192);
    const note = await get(stage.auditor, '/v1/audit/checkpoint');
    expect(note.headers.get('cache-control')).toBe('no-cache');
    expect(note.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await note.text()).toMatch(/^countersign\/default\/\w+\n\d+\n/);
  });

  test.each([
    'tile/0/999',
    'tile/entries/000.p/999',
    'tile/0/0',
    'tile/0/../../signer-key',
    'tile/..%2f..%2fsigner-key',
    'tile/entries/..%2F..%2Fnames.json',
    'signer-key',
    'names.json',
  ])('gets nothing at %s', async (path) => {
    expect((await get(stage.auditor, `/v1/audit/${path}`)).status).toBe(404);
  });

  test('is given no tile that the checkpoint does not cover, though a crash left one on the disk', async () => {
    const { size } = (await entriesOf(stage.auditor)).body;
    const path = bundlePath({ index: Math.floor(size / 256) + 1, width: 1 });
    const file = join(stage.folder, 'default', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'torn');
    expect((await get(stage.auditor, `/v1/audit/${path}`)).status).toBe(404);
    await rm(file);
  });
});

describe('a proof', () => {
  async function verified({ entry, proof, index }: RequestProof): Promise<{ size: number }> {
    const key = parseVerifierKey((await verifierKey()).trim());
    if (!key.ok) throw new Error(key.message);
    const result = verifyProof(proof, leafHash(Buffer.from(entry)), key.value.name, [key.value]);
    if (!result.ok) throw new Error(result.message);
    expect(result.value.index).toBe(index);
    return result.value.checkpoint;
  }

  test('is of the decision, and verifies with nothing but the log’s key', async () => {
    const { body } = await proofOf(stage.intake.keys.lead, request.id);
    expect(body).toMatchObject({ request_id: request.id, type: 'request.approved' });
    expect(JSON.parse(body.entry)).toMatchObject({ type: 'request.approved', request_id: request.id });
    expect((await verified(body)).size).toBe(body.size);
  });

  test('of any other entry of the request is there for the asking, and of no other request’s', async () => {
    const decision = (await proofOf(stage.auditor, request.id)).body.index;
    const indexes = (await stage.redis.zrange(`cs:{default}:entries:${request.id}`, '0', '-1')).map(Number);
    for (const index of indexes) {
      const { body } = await proofOf(stage.auditor, request.id, `?entry=${index}`);
      expect(body.index).toBe(index);
      await verified(body);
    }
    expect(indexes).toContain(decision);
    expect(indexes).not.toContain(0);
    expect(await proofOf(stage.auditor, request.id, '?entry=0')).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  test('is found in the log itself once Redis has forgotten where it is', async () => {
    const known = await proofOf(stage.auditor, request.id);
    await stage.redis.del(`cs:{default}:entries:${request.id}`);
    await stage.redis.del(`cs:{default}:request:${request.id}`);
    expect((await proofOf(stage.auditor, request.id)).body.index).toBe(known.body.index);
    // Only for those whose log it is: all of it has to be read.
    const { agent } = stage.intake.keys;
    expect(await proofOf(agent, request.id)).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('is not there before anything is sealed, and says when to ask again', async () => {
    const unsealed = 'req_unsealed';
    await stage.redis.hset(`cs:{default}:request:${unsealed}`, 'record', '{"status":"pending"}');
    const answer = await proofOf(stage.auditor, unsealed);
    expect(answer).toMatchObject({ status: 404, code: 'not_sealed_yet' });
    expect(answer.headers.get('retry-after')).toBe('10');
    expect(await proofOf(stage.auditor, 'req_none')).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('is never of the proposal where the decision was asked for and is not sealed yet', async () => {
    const waiting = await stage.intake.propose({ tool: 'orders.refund', args: { n: 'x' } });
    await stage.sealed();
    expect((await proofOf(stage.auditor, waiting.id)).body.type).toBe('request.created');
    const key = `cs:{default}:request:${waiting.id}`;
    const record = JSON.parse((await stage.redis.hget(key, 'record')) ?? '{}');
    await stage.redis.hset(key, 'record', JSON.stringify({ ...record, status: 'approved' }));
    expect(await proofOf(stage.auditor, waiting.id)).toMatchObject({ status: 404, code: 'not_sealed_yet' });
  });
});

test('a request says where it stands in the log as soon as it is sealed', async () => {
  const decided = await stage.decided({ to: 'here' });
  const read = () => stage.call<RequestView>(stage.intake.keys.reviewer, 'GET', `/v1/requests/${decided.id}`);
  await stage.sealed();
  const { log } = (await read()).body;
  const { body } = await entriesOf(stage.auditor, `?from=${log?.index}&limit=1`);
  expect(body.items[0]?.entry).toMatchObject({ request_id: decided.id });
  expect(log?.size).toBeGreaterThan(log?.index ?? Number.POSITIVE_INFINITY);
});

describe('reading entries', () => {
  test('shows what was sealed, whom pseudonyms stand for, and the texts it commits to', async () => {
    const decided = await stage.decided({ to: 'yan@example.com' });
    await stage.sealed();
    const indexes = await stage.redis.zrange(`cs:{default}:entries:${decided.id}`, '0', '-1');
    const { body } = await entriesOf(stage.auditor, `?from=${indexes[0]}`);
    const own = body.items.filter(({ entry }) => entry.request_id === decided.id);
    expect(own.flatMap(({ texts }) => texts.map(({ text }) => JSON.parse(text).args))).toContainEqual({
      to: 'yan@example.com',
    });
    expect(JSON.stringify(own.map(({ entry }) => entry))).not.toMatch(/"ann"|yan@/);
    const verdict = own.find(({ entry }) => entry.type === 'verdict.given');
    expect(Object.values(verdict?.names ?? {})).toEqual(['ann']);
  });

  test('goes page by page to the end, each entry once', async () => {
    const seen: number[] = [];
    let from: number | undefined = 0;
    const { size } = (await entriesOf(stage.auditor)).body;
    while (from !== undefined) {
      const { body } = await entriesOf(stage.auditor, `?from=${from}&to=${size}&limit=77`);
      seen.push(...body.items.map(({ index, entry }) => (entry.seq === index ? index : -1)));
      from = body.next;
    }
    expect(seen).toEqual(Array.from({ length: size }, (_, index) => index));
    expect((await entriesOf(stage.auditor, `?from=${size + 1_000}`)).body.items).toEqual([]);
  });

  test('is on record: who, and from where to where', async () => {
    await entriesOf(stage.intake.keys.lead, '?from=3&to=5');
    expect((await told('audit.read')).at(-1)).toMatchObject({
      actor: { kind: 'person', id: 'bo' },
      data: { from: 3, to: 5 },
    });
    // Whoever copies the log takes thousands of bundles: that is told once.
    const exported = (await told('audit.exported')).filter(
      ({ actor }) => JSON.stringify(actor) === '{"kind":"person","id":"dora"}',
    );
    expect(exported).toHaveLength(1);
  });

  test.each(['?from=-1', '?from=x', '?limit=0', '?limit=501'])('refuses %s', async (query) => {
    expect(await entriesOf(stage.auditor, query)).toMatchObject({ status: 400, code: 'invalid_request' });
  });
});

describe('who may', () => {
  const paths = ['checkpoint', 'verifier-key', 'tile/0/000', 'entries'];

  test('read the log: leads and auditors, and nobody else', async () => {
    const { keys } = stage.intake;
    for (const path of paths) {
      const status = async (key: string) => (await get(key, `/v1/audit/${path}`)).status;
      expect([path, await status(keys.lead), await status(stage.auditor)]).toEqual([path, 200, 200]);
      expect([path, await status(keys.agent), await status(keys.reviewer)]).toEqual([path, 403, 403]);
      expect([path, (await fetch(`${stage.intake.url}/v1/audit/${path}`)).status]).toEqual([path, 401]);
    }
  });

  test('have a proof: the agent that asked and the reviewer who acted, and no other of them', async () => {
    const decided = await stage.decided({ n: 'mine' });
    await stage.sealed();
    const { keys } = stage.intake;
    for (const key of [keys.agent, keys.reviewer]) expect((await proofOf(key, decided.id)).status).toBe(200);
    const other = await stage.intake.addReviewer('eli');
    expect(await proofOf(other, decided.id)).toMatchObject({ status: 403, code: 'not_your_request' });
    const { body: agent } = await stage.call<CreatedKey>(keys.admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'fay',
      agents: ['another-*'],
    });
    expect(await proofOf(agent.key, decided.id)).toMatchObject({ status: 403, code: 'not_your_request' });
  });

  test('a key that was revoked may nothing from then on', async () => {
    const { keys } = stage.intake;
    const made = await stage.call<CreatedKey>(keys.admin, 'POST', '/v1/keys', {
      roles: ['auditor'],
      owner: 'gus',
    });
    expect((await entriesOf(made.body.key)).status).toBe(200);
    await stage.call(keys.admin, 'DELETE', `/v1/keys/${made.body.id}`);
    expect(await entriesOf(made.body.key)).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  test('law 13: a key opens its own workspace’s log and no other', async () => {
    await stage.sealed('side');
    const decided = await stage.decided({ secret: 'of default' });
    await stage.sealed();
    expect(await proofOf(side.lead, decided.id)).toMatchObject({ status: 404, code: 'not_found' });
    const theirs = (await entriesOf(side.lead)).body;
    const ours = (await entriesOf(stage.intake.keys.lead)).body;
    expect(theirs.origin).toMatch(/^countersign\/side\//);
    expect(ours.origin).toMatch(/^countersign\/default\//);
    expect(JSON.stringify(theirs)).not.toContain(decided.id);
    expect(await verifierKey(side.lead)).not.toBe(await verifierKey());
    const renamed = side.lead.replace('cs_side_', 'cs_default_');
    expect(await entriesOf(renamed)).toMatchObject({ status: 401, code: 'unauthorized' });
  });
});

test('with the store away nothing is answered, since nobody could say who asks, and nobody is kept waiting', async () => {
  await stage.server.kill9();
  try {
    for (const path of ['/v1/audit/checkpoint', '/v1/audit/entries', `/v1/requests/${request.id}/proof`])
      expect([path, (await get(stage.auditor, path)).status]).toEqual([path, 503]);
  } finally {
    await stage.server.restart();
  }
  await expect.poll(async () => (await get(stage.auditor, '/v1/audit/checkpoint')).status).toBe(200);
});
