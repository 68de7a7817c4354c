/** Races about calls that run first: two intakes, one real Redis, judged from the feed and the records alone. */

import type { RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import type { Answer, TestIntake } from '../support/intake.ts';
import { arenaPerTest, consume, proposeAllowed, read } from './arena.ts';
import { evenOdds, moment, playRounds, roundsPerRace } from './rounds.ts';

/** Enough for the odds to become even. */
const rounds = Math.max(200, Math.min(roundsPerRace, 400));
const together = 20;
const limit = 120_000;
const policy = (window: string) => `version: 1
tools: { pay: { compensation: pay.back } }
rules: [{ name: after, tools: ['*'], effect: review_after, review: { window: ${window} } }]
`;
const openFor = arenaPerTest();

function review(
  { call }: TestIntake,
  key: string,
  { id, version, args_digest }: RequestView,
  verdict: 'fine' | 'undo',
): Promise<Answer<RequestView>> {
  const seen = { version, args_digest };
  return call(key, 'POST', `/v1/requests/${id}/review`, { verdict, seen, reason: 'because' });
}

describe('reviewing', () => {
  test('law 1: one looks and finds nothing while another wants it undone', { timeout: limit }, async () => {
    const { left, right, ann, bo, inspect } = await openFor(policy('1h'));
    const odds = evenOdds();
    await playRounds(rounds, together, async (n) => {
      const allowed = await proposeAllowed(left, 'pay', { n });
      await consume(left, allowed);
      const shown = await read(left, allowed.id);
      const start = Date.now() + 5;
      const [fine, undo] = await Promise.all([
        moment(start + odds.delay()).then(() => review(left, ann, shown, 'fine')),
        moment(start).then(() => review(right, bo, shown, 'undo')),
      ]);
      expect([fine, undo].map(({ status, code }) => code ?? status).sort()).toEqual([200, 'already_decided']);
      const { status } = await read(right, allowed.id);
      expect(status).toBe(fine.status === 200 ? 'reviewed' : 'undo_requested');
      odds.won(fine.status === 200 ? 'first' : 'second');
    });
    expect((await inspect()).violations).toEqual([]);
    expect(Math.min(odds.wins.first, odds.wins.second)).toBeGreaterThan(0);
  });

  test('law 2: an undo against the end of the window', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(policy('1s'));
    const odds = evenOdds();
    await playRounds(rounds, together, async (n) => {
      const allowed = await proposeAllowed(left, 'pay', { n });
      await consume(left, allowed);
      const shown = await read(left, allowed.id);
      const until = Date.parse(shown.review?.until ?? '');
      const [undo] = await Promise.all([
        moment(until - 8 + odds.delay()).then(() => review(left, ann, shown, 'undo')),
        moment(until).then(() => read(right, allowed.id)),
      ]);
      const { status } = await read(right, allowed.id);
      expect(status).toBe(undo.status === 200 ? 'undo_requested' : 'unreviewed');
      odds.won(undo.status === 200 ? 'first' : 'second');
    });
    const { violations, feed, records } = await inspect();
    expect(violations).toEqual([]);
    for (const { type, request_id = '', committed } of feed) {
      const until = records.get(request_id)?.review?.until ?? 0;
      if (type === 'review.undo_requested') expect(committed).toBeLessThanOrEqual(until);
      if (type === 'review.unreviewed') expect(committed).toBeGreaterThanOrEqual(until);
    }
    expect(Math.min(odds.wins.first, odds.wins.second)).toBeGreaterThan(0);
  });
});

describe('running', () => {
  test('law 5: the run against a reviewer who takes the leave back', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(policy('1h'));
    const odds = evenOdds();
    await playRounds(rounds, together, async (n) => {
      const allowed = await proposeAllowed(left, 'pay', { n });
      const start = Date.now() + 5;
      const [run, revoke] = await Promise.all([
        moment(start + odds.delay()).then(() => consume(left, allowed)),
        moment(start).then(() =>
          right.call<RequestView>(ann, 'POST', `/v1/requests/${allowed.id}/revoke`, {}),
        ),
      ]);
      const { status } = await read(right, allowed.id);
      expect([run.code ?? run.status, revoke.code ?? revoke.status, status]).toEqual(
        run.status === 200 ? [200, 'token_consumed', 'running'] : ['approval_revoked', 200, 'cancelled'],
      );
      odds.won(run.status === 200 ? 'first' : 'second');
    });
    expect((await inspect()).violations).toEqual([]);
    expect(Math.min(odds.wins.first, odds.wins.second)).toBeGreaterThan(0);
  });
});
