/**
 * The ladder under races and crashes: two intakes, kill -9, real Redis. What happened is derived again from the feed:
 * feed-violations.ts knows that each step comes once, in order, not early, and not while somebody is on it.
 */
import type { RequestView } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { describe, expect, test, vi } from 'vitest';
import { startTestIntake, writePolicies } from '../support/intake.ts';
import { type IntakeProcess, startIntakeProcess } from '../support/intake-process.ts';
import { startTestRedis } from '../support/redis.ts';
import { arenaPerTest, decide, read } from './arena.ts';
import { feedViolations } from './feed-violations.ts';
import { indexViolations } from './index-violations.ts';
import { evenOdds, moment, playRounds, roundsPerRace, type Wins } from './rounds.ts';
import { takeSnapshot } from './snapshot.ts';

const together = 40;
const limit = 240_000;
/** Each round waits for a step, so half of what other races have. */
const rounds = roundsPerRace / 2;
const ladderOf = (...steps: string[]) => `version: 1
groups: { first: [ann], second: [bo, di] }
rules:
  - { name: pay, tools: ['*'], effect: approval_required, reviewers: [first], escalate: [${steps.join(', ')}] }
`;
const widens = '{ after: 300ms, reviewers: [second] }';

const openFor = arenaPerTest();

/** Each side wins at least a tenth of the rounds, so that the race was one. */
function expectBothToWin({ first, second }: Wins): void {
  expect(Math.min(first, second)).toBeGreaterThanOrEqual(rounds / 10);
}

const stepAt = ({ escalation }: RequestView) => Date.parse(escalation?.[0]?.at ?? '');

describe('a step that is due', () => {
  test('law 9: against a claim in the same millisecond', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(ladderOf(widens));
    const odds = evenOdds();
    await playRounds(rounds, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n } });
      const due = stepAt(request);
      const path = `/v1/requests/${request.id}/claim`;
      const [claimed] = await Promise.all([
        moment(due + odds.delay()).then(() => left.call<RequestView>(ann, 'POST', path)),
        moment(due).then(() => read(right, request.id)),
      ]);
      expect(claimed.status).toBe(200);
      const first = claimed.body.version === 1;
      // Whoever is on it holds it up; letting go does what came up meanwhile.
      expect((await read(right, request.id)).version).toBe(first ? 1 : 2);
      const { body: free } = await right.call<RequestView>(ann, 'POST', path, { release: true });
      expect([free.version, free.claim]).toEqual([2, undefined]);
      odds.won(first ? 'first' : 'second');
    });
    const { violations, feed } = await inspect();
    expect(violations).toEqual([]);
    expect(feed.filter(({ type }) => type === 'request.escalated')).toHaveLength(rounds);
    expectBothToWin(odds.wins);
  });

  test('law 1: against a verdict in the same millisecond', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(ladderOf(widens));
    const odds = evenOdds();
    await playRounds(rounds, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n } });
      const due = stepAt(request);
      const [verdict] = await Promise.all([
        moment(due + odds.delay()).then(() => decide(left, ann, request, 'approve')),
        moment(due).then(() => read(right, request.id)),
      ]);
      const after = await read(right, request.id);
      // Nobody is surprised: who saw what stood before the step is told, and decides on what stands.
      if (verdict.status === 200) expect([after.status, after.version]).toEqual(['approved', 1]);
      else {
        expect([verdict.code, after.status, after.version]).toEqual(['stale', 'pending', 2]);
        expect((await decide(right, ann, after, 'approve')).body.status).toBe('approved');
      }
      odds.won(verdict.status === 200 ? 'first' : 'second');
    });
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });

  test('law 9: of hundreds of requests at once, is done once by two intakes that both look', async () => {
    const { left, right, redis, inspect } = await openFor(
      ladderOf('{ after: 1s, notify: [first] }', widens, '{ after: 1s, notify: [second] }'),
    );
    const count = 300;
    await Promise.all(
      Array.from({ length: count }, (_, n) => [left, right][n % 2]?.propose({ tool: 'pay', args: { n } })),
    );
    const timers = workspaceKeys('default').timers;
    await vi.waitFor(
      async () => {
        const left = await redis.zrange(timers, '0', '-1');
        expect(left.filter((member) => /^(remind|escalate):/.test(member))).toEqual([]);
      },
      { timeout: 30_000, interval: 50 },
    );
    const { violations, feed } = await inspect();
    expect(violations).toEqual([]);
    expect(feed.filter(({ type }) => type === 'request.reminded')).toHaveLength(2 * count);
    expect(feed.filter(({ type }) => type === 'request.escalated')).toHaveLength(count);
  });
});

describe('law 9: intake is killed while ladders are climbed', () => {
  test('no step is lost and none is done twice, though it happens again and again', {
    timeout: limit,
  }, async () => {
    const redis = await startTestRedis();
    const policies = ladderOf(
      '{ after: 500ms, notify: [first] }',
      '{ after: 1500ms, reviewers: [second] }',
      '{ after: 2500ms, channels: [pagerduty] }',
    );
    const written = writePolicies({ 'policy.yaml': policies });
    // It makes the keys and asks; then it is gone, so that only those who are killed do the steps.
    const calm = await startTestIntake({ redisUrl: redis.url, policies });
    const client = redis.client();
    const count = 60;
    const requests = await Promise.all(
      Array.from({ length: count }, (_, n) => calm.propose({ tool: 'pay', args: { n } })),
    );
    await calm.stop();
    const stepsDone = async () =>
      (await takeSnapshot(client)).feed.filter(({ type }) => /^request\.(reminded|escalated)$/.test(type))
        .length;
    let intake: IntakeProcess | undefined;
    try {
      for (let kills = 0; ; kills++) {
        intake = await startIntakeProcess({ redisUrl: redis.url, policiesDir: written.dir });
        const before = await stepsDone();
        if (before === 3 * count || kills === 25) break;
        // In the midst of it: as soon as it has done something.
        await vi.waitFor(async () => expect(await stepsDone()).toBeGreaterThan(before), {
          timeout: 10_000,
          interval: 1,
        });
        await intake.kill();
      }
      await vi.waitFor(async () => expect(await stepsDone()).toBe(3 * count), {
        timeout: 10_000,
        interval: 20,
      });
      const snapshot = await takeSnapshot(client);
      expect([...feedViolations(snapshot), ...indexViolations(snapshot)]).toEqual([]);
      for (const { id } of requests) {
        const own = snapshot.feed.filter(
          ({ request_id, data }) => request_id === id && data?.step !== undefined,
        );
        expect(own.map(({ type }) => type)).toEqual([
          'request.reminded',
          'request.escalated',
          'request.reminded',
        ]);
      }
    } finally {
      await intake?.kill();
      written.remove();
      await redis.stop();
    }
  });
});
