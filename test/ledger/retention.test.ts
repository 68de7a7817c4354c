/** What policy keeps no longer goes, on record, while the log verifies; what waits stays, however old. The clock is given. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceKeys } from '@countersign/shared/keys';
import { loadPolicySet } from '@countersign/shared/policy';
import { parseVerifierKey } from '@countersign/shared/tlog';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { folderSource } from '../../cli/audit/source.ts';
import { verifyLog } from '../../cli/audit/verify.ts';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { askToErase } from '../../services/ledger/retention/retention.ts';
import { openNames } from '../../services/ledger/sealing/names.ts';
import { startLedger } from '../../services/ledger/start.ts';
import { placesIn, tellOf } from './feed.ts';
import { readLog } from './read-log.ts';
import { seal, sealingStage } from './seal.ts';

const { server, redis, folder, fresh } = await sealingStage();
const day = 86_400_000;

/** A workspace under a policy. */
async function workspaceUnder(retention: string): Promise<string> {
  const workspace = fresh();
  const loaded = loadPolicySet([{ path: 'p.yaml', text: `version: 1\n${retention}` }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { digest, files } = loaded.set;
  const keys = workspaceKeys(workspace);
  await redis.set(keys.policy(digest), JSON.stringify(files));
  await redis.hset(keys.state, 'policy', digest);
  return workspace;
}

const diskOf = (workspace: string) => openDisk(join(folder, workspace));
const ask = (workspace: string, now: number, lastAsked?: string) =>
  askToErase(redis, diskOf(workspace), workspace, now, lastAsked);

/** Requests of which a text lies beside the log. */
async function kept(workspace: string): Promise<string[]> {
  const dir = join(folder, workspace, 'beside');
  const files = await readdir(dir).catch(() => []);
  const texts = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')));
  return [...new Set(texts.join('').match(/req_\w+/g))].toSorted();
}

async function erasures(workspace: string) {
  const { entries } = await readLog(join(folder, workspace));
  return entries.filter(({ type }) => type === 'payload.erased');
}

async function verifies(workspace: string): Promise<void> {
  const dir = join(folder, workspace);
  const key = parseVerifierKey((await readFile(join(dir, 'verifier-key'), 'utf8')).trim());
  if (!key.ok) throw new Error(key.message);
  expect(await verifyLog(folderSource(dir), { key: key.value })).toMatchObject({ findings: [] });
}

test('texts go when their time is over, each by an entry that names the policy, and the log verifies', async () => {
  const workspace = await workspaceUnder('retention: { texts: 90d }');
  const then = Date.now();
  await tellOf(redis, workspace, 'req_old', 'ann', then - 60 * day);
  await tellOf(redis, workspace, 'req_new', 'ann', then);
  await seal(server, folder, workspace);

  expect(await ask(workspace, then + 29 * day)).toEqual({ requests: 0, people: 0, last: undefined });
  expect(await ask(workspace, then + 31 * day)).toMatchObject({ requests: 1, people: 0 });
  await seal(server, folder, workspace);
  expect(await kept(workspace)).toEqual(['req_new']);
  const digest = await redis.hget(workspaceKeys(workspace).state, 'policy');
  expect(await erasures(workspace)).toMatchObject([
    {
      request_id: 'req_old',
      actor: { kind: 'policy', id: 'policy' },
      data: { policy: digest, after_ms: 90 * day },
    },
  ]);
  await verifies(workspace);
  expect(await ask(workspace, then + 31 * day)).toMatchObject({ requests: 0 });
  expect(await ask(workspace, then + 91 * day)).toMatchObject({ requests: 1 });
});

test('a request that the store still holds keeps its texts, however old: it waits, or may run', async () => {
  const workspace = await workspaceUnder('retention: { texts: 1d }');
  const request = workspaceKeys(workspace).request('req_waits');
  await tellOf(redis, workspace, 'req_waits', 'ann', Date.now() - 400 * day);
  await redis.hset(request, 'revision', 1);
  await seal(server, folder, workspace);
  expect(await ask(workspace, Date.now())).toMatchObject({ requests: 0 });
  await redis.del(request);
  expect(await ask(workspace, Date.now())).toMatchObject({ requests: 1 });
});

test('what was asked for is not asked for again before it is sealed; after a crash it may be, and does no harm', async () => {
  const workspace = await workspaceUnder('retention: { texts: 1d }');
  for (let n = 0; n < 3; n++) await tellOf(redis, workspace, `req_${n}`, 'ann', Date.now() - 9 * day);
  await seal(server, folder, workspace);
  const { last, requests } = await ask(workspace, Date.now());
  expect(requests).toBe(3);
  expect(await ask(workspace, Date.now(), last)).toEqual({ requests: 0, people: 0, last });
  // Whoever asked has died, and what it knew with it.
  expect(await ask(workspace, Date.now())).toMatchObject({ requests: 3 });
  const places = (await placesIn(redis, workspace)).length;

  // And so does the ledger, between sealing them and erasing.
  const dies = (step: string, path: string): void => {
    if (step === 'write' && path.includes('beside')) throw new Error('died');
  };
  await expect(seal(server, folder, workspace, dies)).rejects.toThrow('died');
  await seal(server, folder, workspace);
  expect(await kept(workspace)).toEqual([]);
  expect((await readLog(join(folder, workspace))).entries).toHaveLength(places);
  expect(await erasures(workspace)).toHaveLength(6);
  await verifies(workspace);
  expect(await ask(workspace, Date.now(), last)).toMatchObject({ requests: 0 });
});

test('a name goes when nothing has named it for so long; the pseudonym stays in the log', async () => {
  const workspace = await workspaceUnder('retention: { names: 1y }');
  const now = Date.now();
  await tellOf(redis, workspace, 'req_1', 'left long ago', now - 400 * day);
  await tellOf(redis, workspace, 'req_2', 'ann', now - 400 * day);
  await tellOf(redis, workspace, 'req_3', 'ann', now - 300 * day);
  await seal(server, folder, workspace);
  const before = await openNames(diskOf(workspace));
  const pseudonym = before.find('left long ago') ?? '';
  expect(pseudonym).toMatch(/^p_/);

  expect(await ask(workspace, now)).toMatchObject({ requests: 0, people: 1 });
  await seal(server, folder, workspace);
  const after = await openNames(diskOf(workspace));
  expect(after.find('left long ago')).toBeUndefined();
  expect(after.find('ann')).toBe(before.find('ann'));
  expect(await erasures(workspace)).toMatchObject([{ data: { person: pseudonym, after_ms: 365 * day } }]);
  expect(await kept(workspace)).toEqual(['req_1', 'req_2', 'req_3']);
  await verifies(workspace);
});

test('names from before anyone noted when they were used count as used on the day they were first read', async () => {
  const disk = diskOf(fresh());
  const known = { pseudonym: 'p_0123456789012345678901', salt: 's' };
  await disk.write([{ path: 'names.json', bytes: JSON.stringify({ version: 1, people: { cy: known } }) }]);
  const now = Date.parse('2026-05-05T23:00:00Z');
  const names = await openNames(disk, now);
  expect(names.unusedSince(now)).toEqual([]);
  await names.save();
  expect((await openNames(disk, now + 9 * day)).unusedSince(now + 2 * 3_600_000)).toEqual(['cy']);
});

test.each(['default: allow', 'retention: {}'])(
  'where policy says nothing of it (%s) nothing goes',
  async (policy) => {
    const workspace = await workspaceUnder(policy);
    await tellOf(redis, workspace, 'req_1', 'ann', Date.now() - 4_000 * day);
    await seal(server, folder, workspace);
    expect(await ask(workspace, Date.now())).toEqual({ requests: 0, people: 0, last: undefined });
  },
);

test('nothing goes under a policy that can not be read, or that is not there', async () => {
  const workspace = await workspaceUnder('retention: { texts: 1d }');
  await tellOf(redis, workspace, 'req_1', 'ann', Date.now() - 9 * day);
  await seal(server, folder, workspace);
  const keys = workspaceKeys(workspace);
  const digest = (await redis.hget(keys.state, 'policy')) ?? '';
  await redis.set(keys.policy(digest), JSON.stringify([{ path: 'p.yaml', text: 'version: 2' }]));
  expect(await ask(workspace, Date.now())).toMatchObject({ requests: 0 });
  await redis.del(keys.policy(digest));
  expect(await ask(workspace, Date.now())).toMatchObject({ requests: 0 });
});

test('a ledger that runs does it by itself', async () => {
  const dir = join(folder, 'whole');
  const workspace = await workspaceUnder('retention: { texts: 30d }');
  await redis.sadd('cs:workspaces', workspace);
  await tellOf(redis, workspace, 'req_old', 'ann', Date.now() - 31 * day);
  await tellOf(redis, workspace, 'req_young', 'ann', Date.now() - 29 * day);
  const ledger = await startLedger({
    redisUrl: server.url,
    dir,
    logger: pino({ level: 'silent' }),
    sealAfterMs: 20,
    readForMs: 20,
    retainEveryMs: 20,
  });
  try {
    const texts = () => readFile(join(dir, workspace, 'beside', '000000000.jsonl'), 'utf8').catch(() => '');
    await expect.poll(async () => [...new Set((await texts()).match(/req_\w+/g))]).toEqual(['req_young']);
  } finally {
    await ledger.stop();
  }
  const { entries } = await readLog(join(dir, workspace));
  expect(entries.filter(({ type }) => type === 'payload.erased')).toHaveLength(1);
});
