/** Law 9 for the ledger: whatever fails or dies while it seals, nothing is missing, twice, out of order or signed twice differently. */
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../services/ledger/disk/disk.ts';
import { agree } from './agree.ts';
import { placesIn, tellOf } from './feed.ts';
import { readLog } from './read-log.ts';
import { seal, sealingStage } from './seal.ts';

const { server, redis, folder, fresh } = await sealingStage();

test('a sealed feed is the feed: every event once, in its order, without the names of people', async () => {
  const workspace = fresh();
  for (let n = 0; n < 120; n++) await tellOf(redis, workspace, `req_${n}`, n % 2 === 0 ? 'ann' : 'bo');
  await seal(server, folder, workspace);
  const { entries, size } = await readLog(join(folder, workspace));
  expect(entries.map(({ feed_id }) => feed_id)).toEqual(await placesIn(redis, workspace));
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: size }, (_, n) => n));
  expect(JSON.stringify(entries)).not.toMatch(/"ann"|"bo"|"amount"/);
  expect(await redis.zrange(`cs:{${workspace}}:entries:req_1`, '0', '-1')).toEqual(['3', '4', '5']);
  // Trimmed so far it may be, and Redis says that nothing is behind.
  const [group = []] = (await redis.xinfo('GROUPS', `cs:{${workspace}}:feed`)) as unknown[][];
  const told = Object.fromEntries(group.flatMap((name, at) => (at % 2 === 0 ? [[name, group[at + 1]]] : [])));
  expect(told).toMatchObject({ 'last-delivered-id': entries.at(-1)?.feed_id, pending: 0, lag: 0 });
});

describe('law 9: a fault at any step', () => {
  /** What was written and not synced may be there in part, or not at all. */
  const tear = (dir: string, path: string): void => {
    for (const file of [join(dir, `${path}.unfinished`), join(dir, path)]) {
      const size = statSync(file, { throwIfNoEntry: false })?.size;
      if (size === undefined) continue;
      truncateSync(file, Math.floor(size / 2));
      return;
    }
  };

  test('leaves a log that goes on without gap, repeat or fork', async () => {
    const workspace = fresh();
    const dir = join(folder, workspace);
    const checkpoints: string[] = [];
    let broken = 0;
    for (let at = 1; ; at++) {
      await tellOf(redis, workspace, `req_${at}`);
      let steps = 0;
      let struck = false;
      const fault = (step: Step, path: string): void => {
        steps += 1;
        if (steps !== at) return;
        struck = true;
        if (step === 'sync' && path.startsWith('beside/')) tear(dir, path);
        throw new Error(`fault at step ${at}, ${step} of ${path}`);
      };
      await seal(server, folder, workspace, fault)
        .then((some) => checkpoints.push(...some))
        .catch((error: Error) => {
          broken += 1;
          expect(error.message).toMatch(/^fault at step/);
        });
      checkpoints.push(...(await seal(server, folder, workspace)));
      const { entries } = await readLog(dir);
      expect(entries.map(({ feed_id }) => feed_id)).toEqual(await placesIn(redis, workspace));
      if (!struck) break;
    }
    expect(broken).toBeGreaterThan(10);
    await agree(dir, checkpoints);
  });
});
