/** Personal data goes, and the log verifies as before: over HTTP, and whatever dies in between. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntries, Erasing, RequestProof, RequestView } from '@countersign/shared/contracts';
import { encodeEvent } from '@countersign/shared/feed';
import { leafHash, parseVerifierKey, verifyProof } from '@countersign/shared/tlog';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderSource } from '../../cli/audit/source.ts';
import { verifyLog } from '../../cli/audit/verify.ts';
import type { Step } from '../../services/ledger/disk/disk.ts';
import { countersign } from '../support/terminal.ts';
import { placesIn, tellOf } from './feed.ts';
import { readLog } from './read-log.ts';
import { seal } from './seal.ts';
import { onLedgerStage } from './stage.ts';

const stage = onLedgerStage();

const erase = (key: string, body: object) => stage.call<Erasing>(key, 'POST', '/v1/audit/erase', body);

/** All that lies in a log's folder, as text. */
async function everythingIn(dir: string): Promise<string> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    // One that is being written has got its name by now.
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1').catch(() => ''));
  return (await Promise.all(texts)).join('\n');
}

/** What is made from the log for searching lets go of it a moment later than the log's own files. */
const gone = (dir: string, text: string) => expect.poll(() => everythingIn(dir)).not.toContain(text);

async function verifies(dir: string): Promise<void> {
  const key = parseVerifierKey((await readFile(join(dir, 'verifier-key'), 'utf8')).trim());
  if (!key.ok) throw new Error(key.message);
  expect(await verifyLog(folderSource(dir), { key: key.value })).toMatchObject({ findings: [] });
}

/** Every key of Redis and what it holds, but for the feed, which is trimmed by and by, and people as such. */
async function everythingInRedis(): Promise<string> {
  const held: unknown[] = [];
  for (const key of await stage.redis.keys('cs:{default}:*')) {
    const type = await stage.redis.type(key);
    if (type === 'string') held.push(await stage.redis.get(key));
    if (type === 'hash') held.push(await stage.redis.hgetall(key));
  }
  return JSON.stringify(held);
}

describe('the texts of a request', () => {
  test('go from the store and from beside the log; the log and its proofs verify, and say that they went', async () => {
    const { keys } = stage.intake;
    const asked = await stage.intake.propose({
      tool: 'orders.refund',
      args: { to: 'zoe.first@example.com' },
      reason: 'zoe asked twice',
    });
    const path = `/v1/requests/${asked.id}`;
    await stage.call(keys.reviewer, 'POST', `${path}/question`, { text: 'Is that zoe?' });
    await stage.call(keys.agent, 'POST', `${path}/answer`, { text: 'It is zoe.' });
    const seen = { version: asked.version, args_digest: asked.args_digest };
    const edit = { args: { to: 'zoe.second@example.com' }, reason: 'zoe has moved' };
    const edited = { verdict: 'approve', ...edit, seen };
    await stage.call(keys.reviewer, 'POST', `${path}/decision`, edited);
    await stage.sealed();
    const dir = join(stage.folder, 'default');
    expect(await everythingIn(dir)).toMatch(/zoe\.first@.*zoe\.second@/s);
    const { token } = (await stage.call<RequestView>(keys.agent, 'GET', path)).body;
    await stage.call(keys.agent, 'POST', '/v1/tokens/consume', { token, args: edit.args });
    const outcome = { status: 'succeeded', detail: { sent_to: 'zoe' } };
    await stage.call(keys.agent, 'POST', `${path}/outcome`, outcome);
    await stage.call(keys.reviewer, 'POST', `${path}/view`, {});
    expect(await everythingInRedis()).toContain('zoe');
    const { body: before } = await stage.call<RequestProof>(stage.auditor, 'GET', `${path}/proof`);

    const { status, body } = await erase(keys.admin, { request_id: asked.id });
    expect([status, body]).toEqual([202, { texts: 6 }]);
    expect(await everythingInRedis()).not.toContain('zoe');
    await stage.sealed();
    await gone(dir, 'zoe');

    await verifies(dir);
    const key = parseVerifierKey((await readFile(join(dir, 'verifier-key'), 'utf8')).trim());
    if (!key.ok) throw new Error(key.message);
    const { body: after } = await stage.call<RequestProof>(stage.auditor, 'GET', `${path}/proof`);
    for (const { proof, entry } of [before, after])
      expect(verifyProof(proof, leafHash(Buffer.from(entry)), key.value.name, [key.value]).ok).toBe(true);
    expect(after.entry).toBe(before.entry);

    const read = await stage.call<RequestView>(keys.lead, 'GET', path);
    expect(read.body).toMatchObject({
      erased: true,
      args: {},
      status: 'approved',
      verdicts: [{ verdict: 'approve' }],
    });
    expect(JSON.stringify(read.body)).not.toContain('zoe');
    const page = `/v1/audit/entries?from=${read.body.log?.index}&limit=1`;
    const { items } = (await stage.call<AuditEntries>(stage.auditor, 'GET', page)).body;
    expect(items).toMatchObject([{ entry: { type: 'payload.erased', request_id: asked.id }, texts: [] }]);
    expect(Object.values(items[0]?.names ?? {})).toEqual(['cy']);
  });

  test('of other requests stay', async () => {
    const [one, other] = [
      await stage.decided({ to: 'one@example.com' }),
      await stage.decided({ to: 'two@example.com' }),
    ];
    await stage.sealed();
    await erase(stage.intake.keys.admin, { request_id: one.id });
    await stage.sealed();
    expect(await everythingIn(join(stage.folder, 'default'))).toContain('two@example.com');
    const { body } = await stage.call<RequestView>(stage.intake.keys.lead, 'GET', `/v1/requests/${other.id}`);
    expect(body.args).toEqual({ to: 'two@example.com' });
  });

  test('are not erased while somebody has to judge them', async () => {
    const { id } = await stage.intake.propose({ tool: 'orders.refund', args: { to: 'x' } });
    const { admin } = stage.intake.keys;
    expect(await erase(admin, { request_id: id })).toMatchObject({ status: 409, code: 'still_pending' });
  });

  test('can not run any more, though they were approved', async () => {
    const decided = await stage.decided({ to: 'someone' });
    const { keys } = stage.intake;
    const { body } = await stage.call<RequestView>(keys.agent, 'GET', `/v1/requests/${decided.id}`);
    await erase(keys.admin, { request_id: decided.id });
    const consumed = { token: body.token, args: { to: 'someone' } };
    expect(await stage.call(keys.agent, 'POST', '/v1/tokens/consume', consumed)).toMatchObject({
      status: 401,
      code: 'token_invalid',
    });
  });

  test('go from beside the log though the request has left the store; erasing twice does no harm', async () => {
    const decided = await stage.decided({ to: 'gone.before@example.com' });
    await stage.sealed();
    for (const key of await stage.redis.keys(`cs:{default}:*${decided.id}*`)) await stage.redis.del(key);
    for (const _ of [1, 2]) {
      const { status, body } = await erase(stage.intake.keys.admin, { request_id: decided.id });
      expect([status, body]).toEqual([202, { texts: 0 }]);
      await stage.sealed();
    }
    await gone(join(stage.folder, 'default'), 'gone.before@');
  });
});

describe('the name of a person', () => {
  test('goes; what they did stays, under a pseudonym that nobody can resolve', async () => {
    const key = await stage.intake.addReviewer('xaver');
    const { id, version, args_digest } = await stage.intake.propose({ tool: 'orders.refund', args: {} });
    const verdict = { verdict: 'reject', seen: { version, args_digest } };
    await stage.call(key, 'POST', `/v1/requests/${id}/decision`, verdict);
    await stage.sealed();
    const dir = join(stage.folder, 'default');
    expect(await everythingIn(dir)).toContain('xaver');

    expect((await erase(stage.intake.keys.admin, { person: 'xaver' })).status).toBe(202);
    await stage.sealed();
    await gone(dir, 'xaver');
    await verifies(dir);
    const [first] = await stage.redis.zrange(`cs:{default}:entries:${id}`, '0', '0');
    const { items } = (
      await stage.call<AuditEntries>(stage.auditor, 'GET', `/v1/audit/entries?from=${first}`)
    ).body;
    const given = items.find(({ entry }) => entry.type === 'verdict.given' && entry.request_id === id);
    expect(given?.entry.actor).toMatchObject({ kind: 'person', id: expect.stringMatching(/^p_/) });
    expect(given?.names).toEqual({});
    const erased = items.find(({ entry }) => entry.type === 'payload.erased');
    expect(Object.values(erased?.names ?? {})).toEqual(['cy']);
  });
});

describe('who may erase', () => {
  test('admins, and nobody else', async () => {
    const { lead, reviewer, agent } = stage.intake.keys;
    for (const key of [lead, reviewer, agent, stage.auditor])
      expect(await erase(key, { person: 'ann' })).toMatchObject({ status: 403, code: 'forbidden' });
  });

  test.each([{}, { person: 'ann', request_id: 'req_1' }, { person: '' }, { all: true }])(
    'not %j',
    async (body) => {
      const { admin } = stage.intake.keys;
      expect(await erase(admin, body)).toMatchObject({ status: 400, code: 'invalid_request' });
    },
  );

  test('an admin at a terminal', async () => {
    const { id } = await stage.decided({ to: 'terminal' });
    const env = { COUNTERSIGN_URL: stage.intake.url, COUNTERSIGN_KEY: stage.intake.keys.admin };
    const run = (...argv: string[]) => countersign(['audit', 'erase', ...argv], { env });
    expect(await run('--request', id)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Erased: 1 text that'),
    });
    expect(await run()).toMatchObject({ code: 2 });
    expect(await run('--request', id, '--person', 'ann')).toMatchObject({ code: 2 });
  });
});

describe('law 9: whatever dies while it is erased', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('it is erased in the end, once, and the log goes on', { timeout: 120_000 }, async () => {
    const workspace = 'dying';
    const dir = join(folder, workspace);
    const feed = `cs:{${workspace}}:feed`;
    const actor = { kind: 'person', id: 'root' } as const;
    let broken = 0;
    for (let at = 1; ; at++) {
      const [id, person] = [`req_${at}`, `person_${at}`];
      await tellOf(stage.redis, workspace, id, person);
      await seal(stage.server, folder, workspace);
      expect(await everythingIn(dir)).toMatch(
        new RegExp(`salt of ${id}\\b.*${person}|${person}.*salt of ${id}\\b`, 's'),
      );

      // As intake does it: the store's part and the event in one commit.
      const said = { type: 'payload.erased', at: Date.now(), actor } as const;
      await stage.redis
        .multi()
        .del(`cs:{${workspace}}:payload:${id}:1`)
        .xadd(feed, '*', ...encodeEvent({ ...said, request_id: id }))
        .xadd(feed, '*', ...encodeEvent({ ...said, data: { person } }))
        .exec();
      let steps = 0;
      let struck = false;
      const fault = (step: Step, path: string): void => {
        steps += 1;
        if (steps !== at) return;
        struck = true;
        throw new Error(`fault at step ${at}, ${step} of ${path}`);
      };
      await seal(stage.server, folder, workspace, fault).catch((error: Error) => {
        broken += 1;
        expect(error.message).toMatch(/^fault at step/);
      });
      await seal(stage.server, folder, workspace);
      const left = await everythingIn(dir);
      expect(left).not.toMatch(new RegExp(`salt of ${id}\\b`));
      expect(left).not.toContain(person);
      const { entries } = await readLog(dir);
      expect(entries.map(({ feed_id }) => feed_id)).toEqual(await placesIn(stage.redis, workspace));
      if (!struck) break;
    }
    expect(broken).toBeGreaterThan(15);
    await verifies(dir);
  });
});
