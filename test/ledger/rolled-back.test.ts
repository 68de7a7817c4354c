/** Copies that are older than what was sealed: of the folder, and of Redis. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { describe, expect, test } from 'vitest';
import { FeedRolledBack } from '../../services/ledger/sealing/feed.ts';
import { agree } from './agree.ts';
import { placesIn, tellOf } from './feed.ts';
import { readLog } from './read-log.ts';
import { seal, sealingStage, startSealing } from './seal.ts';

const { server, redis, folder, fresh } = await sealingStage();

describe('the folder', () => {
  test('an older copy of it is not sealed on from: that would be a second history', async () => {
    const workspace = fresh();
    const dir = join(folder, workspace);
    await tellOf(redis, workspace, 'req_1');
    await seal(server, folder, workspace);
    await cp(dir, `${dir}-old`, { recursive: true });
    await tellOf(redis, workspace, 'req_2');
    await seal(server, folder, workspace);
    await rm(dir, { recursive: true });
    await cp(`${dir}-old`, dir, { recursive: true });
    await tellOf(redis, workspace, 'req_3');
    await expect(seal(server, folder, workspace)).rejects.toThrow(/6 entries .* holds 3.*older copy/s);
    expect((await readLog(dir)).size).toBe(3);
  });

  test('another one is not begun where a log of the workspace is known', async () => {
    const workspace = fresh();
    await tellOf(redis, workspace, 'req_1');
    await seal(server, folder, workspace);
    await tellOf(redis, workspace, 'req_2');
    await expect(seal(server, join(folder, 'elsewhere'), workspace)).rejects.toThrow(
      /is sealed into the log/,
    );
  });
});

describe('Redis', () => {
  /** Redis as it was when it held so many events, and the ledger had sealed fewer or as many. */
  async function rollBack(workspace: string, events: number, sealed: number): Promise<void> {
    const keys = workspaceKeys(workspace);
    const all = await redis.xrange(keys.feed, '-', '+');
    const log = await redis.hget(keys.sealed, 'log');
    await redis.del(keys.feed, keys.sealed);
    for (const [id, fields] of all.slice(0, events)) await redis.xadd(keys.feed, id, ...fields);
    await redis.xgroup('CREATE', keys.feed, 'ledger', all[sealed - 1]?.[0] ?? '0', 'MKSTREAM');
    await redis.hset(keys.sealed, { log: log ?? '', size: sealed });
  }

  test('where it has lost what is sealed, the log says so and goes on: nothing new is missing', async () => {
    const workspace = fresh();
    const checkpoints: string[] = [];
    for (let n = 0; n < 4; n++) await tellOf(redis, workspace, `req_${n}`);
    checkpoints.push(...(await seal(server, folder, workspace)));
    const before = await placesIn(redis, workspace);
    await rollBack(workspace, 8, 6);
    await tellOf(redis, workspace, 'req_after');
    checkpoints.push(...(await seal(server, folder, workspace)));
    const { entries } = await readLog(join(folder, workspace));
    const after = await placesIn(redis, workspace);
    expect(entries.slice(0, 12).map(({ feed_id }) => feed_id)).toEqual(before);
    expect(entries[12]).toMatchObject({
      type: 'discontinuity.found',
      feed_id: null,
      data: { from: before[8], to: before[11], count: 4, after: before[7] },
    });
    expect(entries.slice(13).map(({ feed_id }) => feed_id)).toEqual(after.slice(8));
    await agree(join(folder, workspace), checkpoints);

    // It is said once, and sealing goes on from there.
    await tellOf(redis, workspace, 'req_later');
    await seal(server, folder, workspace);
    const later = await readLog(join(folder, workspace));
    expect(later.entries.filter(({ type }) => type === 'discontinuity.found')).toHaveLength(1);
    expect(later.entries.slice(16).map(({ feed_id }) => feed_id)).toEqual(
      (await placesIn(redis, workspace)).slice(11),
    );
  });

  test('where it has lost everything, the log says so and goes on', async () => {
    const workspace = fresh();
    await tellOf(redis, workspace, 'req_1');
    await seal(server, folder, workspace);
    await rollBack(workspace, 0, 0);
    await tellOf(redis, workspace, 'req_2');
    await seal(server, folder, workspace);
    const { entries } = await readLog(join(folder, workspace));
    expect(entries.map(({ type }) => type)).toEqual([
      'action.proposed',
      'request.viewed',
      'request.approved',
      'discontinuity.found',
      'action.proposed',
      'request.viewed',
      'request.approved',
    ]);
  });

  test.each([
    ['emptied', 0, 0],
    ['restored', 4, 3],
  ])(
    '%s while the ledger seals: it stops before what came after, and the log says so first',
    async (_, events, sealed) => {
      const workspace = fresh();
      for (let n = 0; n < 2; n++) await tellOf(redis, workspace, `req_${n}`);
      const sealing = startSealing(server, folder, workspace);
      await sealing.untilSealed();
      const before = await placesIn(redis, workspace);
      await rollBack(workspace, events, sealed);
      await tellOf(redis, workspace, 'req_after');
      await expect(sealing.ended).rejects.toThrow(FeedRolledBack);
      await expect(sealing.stop()).rejects.toThrow(FeedRolledBack);
      expect((await readLog(join(folder, workspace))).size).toBe(6);

      await seal(server, folder, workspace);
      const { entries } = await readLog(join(folder, workspace));
      expect(entries[6]).toMatchObject({
        type: 'discontinuity.found',
        data: { from: before[events], to: before[5], count: 6 - events },
      });
      expect(entries.slice(7).map(({ feed_id }) => feed_id)).toEqual(
        (await placesIn(redis, workspace)).slice(events),
      );
    },
  );

  test('what was trimmed after it was sealed is no loss', async () => {
    const workspace = fresh();
    const { feed } = workspaceKeys(workspace);
    await tellOf(redis, workspace, 'req_1');
    await seal(server, folder, workspace);
    await redis.xtrim(feed, 'MAXLEN', 0);
    await redis.xadd(
      feed,
      '*',
      ...encodeEvent({ type: 'policy.activated', at: 1, actor: { kind: 'system', id: 'intake' } }),
    );
    await seal(server, folder, workspace);
    const { entries } = await readLog(join(folder, workspace));
    expect(entries.map(({ type }) => type)).not.toContain('discontinuity.found');
    expect(entries).toHaveLength(4);
  });
});
