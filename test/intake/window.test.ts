/** Redis holds a window: what policy keeps for less long leaves it sooner, and never what waits or may still run. The clock is given. */
import { beforeAll, expect, test } from 'vitest';
import { openContinuity } from '../../services/intake/continuity/continuity.ts';
import { defineCommit } from '../../services/intake/store/commit-group.ts';
import { narrowWindows, pruneBeyondPolicy } from '../../services/intake/timers/window.ts';
import { openWorkspaces } from '../../services/intake/workspace/workspaces.ts';
import { onStage } from './stage.ts';

const day = 86_400_000;
const stage = onStage(`version: 1
retention: { texts: 7d }
rules:
  - { name: waits, tools: [waits.*], effect: approval_required, timeout: never }
  - { name: lasts, tools: [lasts.*], effect: approval_required, valid_for: 20d }
`);

beforeAll(() => defineCommit(stage.redis));

const workspaces = () => openWorkspaces(stage.redis, openContinuity(stage.redis, undefined));

/** As if it were so many days later. */
async function later(days: number): Promise<number> {
  const current = await workspaces().current('default');
  if (current === undefined) throw new Error('there is no workspace');
  return pruneBeyondPolicy(stage.redis, current.snapshot, current.now + days * day);
}

/** Everything in Redis that names or holds this, but for the feed, which is a day long. */
async function held(word: string): Promise<string[]> {
  const found: string[] = [];
  for (const key of await stage.redis.keys('cs:{default}:*')) {
    const type = await stage.redis.type(key);
    const value =
      type === 'string'
        ? await stage.redis.get(key)
        : type === 'hash'
          ? JSON.stringify(await stage.redis.hgetall(key))
          : type === 'zset'
            ? JSON.stringify(await stage.redis.zrange(key, '0', '-1'))
            : '';
    if (`${key} ${value}`.includes(word)) found.push(key);
  }
  return found;
}

test('a decided request leaves after the period, with every text of it', async () => {
  const asked = await stage.ask('any.tool', { to: 'zoe@example.com' });
  await stage.decide(stage.keys.reviewer, asked, { verdict: 'reject', reason: 'zoe has moved' });
  expect(await later(6.9)).toBe(0);
  expect(await held('zoe')).not.toEqual([]);
  expect(await later(7.1)).toBe(1);
  expect(await held('zoe')).toEqual([]);
  // What is left says only that the call was made, so that a late repeat of it is not judged anew.
  expect((await held(asked.id)).filter((key) => !/:(idempotency|denied):/.test(key))).toEqual([]);
  expect((await stage.read(stage.keys.lead, asked.id)).status).toBe(404);
});

test('what waits stays, however long it has', async () => {
  const asked = await stage.ask('waits.long', { to: 'eve' });
  expect(await later(4_000)).toBe(0);
  expect((await stage.read(stage.keys.lead, asked.id)).body.status).toBe('pending');
});

test('what may still run stays until it may not', async () => {
  const asked = await stage.ask('lasts.long', { to: 'bo' });
  await stage.decide(stage.keys.reviewer, asked, { verdict: 'approve' });
  expect(await later(19)).toBe(0);
  expect(await later(21)).toBe(1);
});

test('an intake does it by itself, at the time that Redis says', async () => {
  const asked = await stage.ask('any.tool', { to: 'now' });
  await stage.decide(stage.keys.reviewer, asked, { verdict: 'reject' });
  await narrowWindows({ redis: stage.redis, workspaces: workspaces(), onTimers: () => {} });
  expect((await stage.read(stage.keys.lead, asked.id)).status).toBe(200);
});
