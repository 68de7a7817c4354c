/**
 * Races over real HTTP, two intakes and one real Redis. After each, every law is derived again from the feed and the
 * records (feed-violations.ts, index-violations.ts): the answers alone would only show what intake says of itself.
 */
import { describe, expect, test } from 'vitest';
import { type Arena, arenaPerTest, consume, decide, proposeAllowed, read } from './arena.ts';
import { evenOdds, moment, playRounds, roundsPerRace, type Wins } from './rounds.ts';

const together = 40;
const limit = 240_000;

const waits = 'version: 1\ndefault: approval_required\nrules: []\n';
const quorumOfTwo = `version: 1
rules:
  - { name: two-people, tools: ['*'], effect: approval_required, quorum: 2, timeout: 1h }
`;
const held = `version: 1
rules:
  - { name: hold, tools: ['*'], effect: approval_required, hold: 300ms, timeout: 1h }
`;
const allows = 'version: 1\ndefault: allow\nrules: []\n';

const openFor = arenaPerTest();

/** Each side wins at least a tenth of the rounds, so that the race was one. */
function expectBothToWin({ first, second }: Wins): void {
  expect(first + second).toBe(roundsPerRace);
  expect(Math.min(first, second)).toBeGreaterThanOrEqual(roundsPerRace / 10);
}

const sorted = (...answers: { status: number; code: string | undefined }[]) =>
  answers.map(({ status, code }) => code ?? status).sort();

describe('deciding', () => {
  test('law 2: approve against timeout in the same millisecond', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(waits);
    const odds = evenOdds();
    await playRounds(roundsPerRace, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n }, timeout: 0.25 });
      const deadline = Date.parse(request.expires_at ?? '');
      const approval = moment(deadline + odds.delay()).then(() => decide(left, ann, request, 'approve'));
      const expiry = moment(deadline).then(() => read(right, request.id));
      const [answer] = await Promise.all([approval, expiry]);
      const { status, stop_reason } = await read(right, request.id);
      if (answer.status === 200) expect(status).toBe('approved');
      else {
        expect(answer.code).toBe('already_decided');
        expect([status, stop_reason]).toEqual(['timed_out', 'approval_timeout']);
      }
      odds.won(answer.status === 200 ? 'first' : 'second');
    });
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });

  test('law 1: one reviewer approves while another rejects', { timeout: limit }, async () => {
    const { left, right, ann, bo, inspect } = await openFor(waits);
    const odds = evenOdds();
    await playRounds(roundsPerRace, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n } });
      const start = Date.now() + 5;
      const [yes, no] = await Promise.all([
        moment(start + odds.delay()).then(() => decide(left, ann, request, 'approve')),
        moment(start).then(() => decide(right, bo, request, 'reject', { reason: 'no' })),
      ]);
      expect(sorted(yes, no)).toEqual([200, 'already_decided']);
      const [winner, loser] = yes.status === 200 ? [yes, no] : [no, yes];
      expect(loser.body.status).toBe(409);
      expect(winner.body.status).toBe(yes.status === 200 ? 'approved' : 'rejected');
      odds.won(yes.status === 200 ? 'first' : 'second');
    });
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });

  test('law 6: two different edits under a quorum of two', { timeout: limit }, async () => {
    const { left, right, ann, bo, inspect } = await openFor(quorumOfTwo);
    const odds = evenOdds();
    await playRounds(roundsPerRace, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n, amount: 3 } });
      const start = Date.now() + 5;
      const [one, other] = await Promise.all([
        moment(start + odds.delay()).then(() =>
          decide(left, ann, request, 'approve', { args: { n, amount: 1 } }),
        ),
        moment(start).then(() => decide(right, bo, request, 'approve', { args: { n, amount: 2 } })),
      ]);
      expect(sorted(one, other)).toEqual([200, 'stale']);
      const first = one.status === 200;
      const { body: edited } = first ? one : other;
      expect(edited).toMatchObject({ status: 'pending', version: 2, args: { n, amount: first ? 1 : 2 } });
      const done = await decide(left, first ? bo : ann, edited, 'approve');
      expect(done.body).toMatchObject({ status: 'approved', args_digest: edited.args_digest });
      odds.won(first ? 'first' : 'second');
    });
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });

  test('law 1: undo against the release of a held approval', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(held);
    const odds = evenOdds();
    await playRounds(roundsPerRace, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n } });
      const { body: approved } = await decide(left, ann, request, 'approve');
      const release = Date.parse(approved.release_at ?? '');
      const [undone, seen] = await Promise.all([
        moment(release + odds.delay()).then(() => left.call(ann, 'POST', `/v1/requests/${request.id}/undo`)),
        moment(release).then(() => read(right, request.id)),
      ]);
      const { status, verdicts } = await read(right, request.id);
      if (undone.status === 200) {
        expect(seen.status).toBe('pending');
        expect([status, verdicts]).toEqual(['pending', []]);
      } else {
        expect([undone.code, status]).toEqual(['already_decided', 'approved']);
      }
      odds.won(undone.status === 200 ? 'first' : 'second');
    });
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });

  test('law 1: a double click is one verdict and two friendly answers', { timeout: limit }, async () => {
    const { left, right, ann, inspect } = await openFor(waits);
    await playRounds(roundsPerRace, together, async (n) => {
      const request = await left.propose({ tool: 'pay', args: { n, amount: 3 } });
      const clicks = ['plain', 'edited', 'rejected'][n % 3];
      const click = (intake: typeof left) =>
        clicks === 'rejected'
          ? decide(intake, ann, request, 'reject')
          : decide(intake, ann, request, 'approve', clicks === 'edited' ? { args: { n, amount: 2 } } : {});
      const answers = await Promise.all([click(left), click(right)]);
      expect(sorted(...answers)).toEqual([200, 200]);
      const status = clicks === 'rejected' ? 'rejected' : 'approved';
      for (const { body } of answers) expect([body.status, body.verdicts.length]).toEqual([status, 1]);
    });
    const { violations, feed } = await inspect();
    expect(violations).toEqual([]);
    expect(feed.filter(({ type }) => type === 'verdict.given')).toHaveLength(roundsPerRace);
  });
});

describe('freezing', () => {
  const targets = 40;

  /** Freezes one tool in the midst of `act` on many of its requests; every second freeze is lifted at once. */
  async function freezeAmid(
    { right }: Arena,
    tool: string,
    lift: boolean,
    acts: (() => Promise<unknown>)[],
    delay: number,
  ): Promise<void> {
    const start = Date.now() + 5;
    const freeze = async () => {
      await moment(start + delay);
      const body = { scope: 'tool', match: tool, reason: 'race' };
      const set = await right.call<{ id: string }>(right.keys.admin, 'POST', '/v1/freeze', body);
      expect(set.status).toBe(201);
      if (lift) await right.call(right.keys.admin, 'DELETE', `/v1/freeze/${set.body.id}`);
    };
    await Promise.all([freeze(), ...acts.map((act, i) => moment(start + i / 2).then(act))]);
  }

  test('law 1: freeze against approve, lifted again or not', { timeout: limit }, async () => {
    const race = await openFor(waits);
    const { left, ann, inspect } = race;
    const odds = evenOdds();
    for (let batch = 0; batch < roundsPerRace / targets; batch++) {
      const tool = `pay.${batch}`;
      const requests = await Promise.all(
        Array.from({ length: targets }, (_, n) => left.propose({ tool, args: { n } })),
      );
      const acts = requests.map((request) => async () => {
        const answer = await decide(left, ann, request, 'approve');
        const { status, stop_reason } = await read(left, request.id);
        if (answer.status === 200) expect(status).toBe('approved');
        else {
          expect([answer.code, status, stop_reason]).toEqual(['already_decided', 'cancelled', 'frozen']);
        }
        odds.won(answer.status === 200 ? 'second' : 'first');
      });
      await freezeAmid(race, tool, batch % 2 === 0, acts, odds.delay());
    }
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });

  test('law 5: freeze against consume', { timeout: limit }, async () => {
    const race = await openFor(allows);
    const { left, inspect } = race;
    const odds = evenOdds();
    for (let batch = 0; batch < roundsPerRace / targets; batch++) {
      const tool = `pay.${batch}`;
      const permits = await Promise.all(
        Array.from({ length: targets }, (_, n) => proposeAllowed(left, tool, { n })),
      );
      const acts = permits.map((permit) => async () => {
        const answer = await consume(left, permit);
        if (answer.status !== 200) expect(answer.code).toBe('frozen');
        odds.won(answer.status === 200 ? 'second' : 'first');
      });
      await freezeAmid(race, tool, false, acts, odds.delay());
    }
    const { violations } = await inspect();
    expect(violations).toEqual([]);
    expectBothToWin(odds.wins);
  });
});

describe('running', () => {
  test('law 5: a token consumed twice at once runs once', { timeout: limit }, async () => {
    const { left, right, inspect } = await openFor(allows);
    await playRounds(roundsPerRace, together, async (n) => {
      const permit = await proposeAllowed(left, 'pay', { n });
      // Every other round with a second token of the same approval: it is the request that is used up.
      const again = n % 2 === 0 ? permit : { ...permit, token: (await read(right, permit.id)).token ?? '' };
      const answers = await Promise.all([consume(left, permit), consume(right, again)]);
      expect(sorted(...answers)).toEqual([200, 'token_consumed']);
    });
    const { violations, feed } = await inspect();
    expect(violations).toEqual([]);
    expect(feed.filter(({ type }) => type === 'token.consumed')).toHaveLength(roundsPerRace);
  });

  test('law 5: consumed twice under one idempotency key, both are answered and it is one use', {
    timeout: limit,
  }, async () => {
    const { left, right, inspect } = await openFor(allows);
    await playRounds(roundsPerRace, together, async (n) => {
      const permit = await proposeAllowed(left, 'pay', { n });
      const answers = await Promise.all([
        consume(left, permit, `run-${n}`),
        consume(right, permit, `run-${n}`),
      ]);
      for (const { status, body } of answers) expect([status, body.args]).toEqual([200, { n }]);
    });
    const { violations, feed } = await inspect();
    expect(violations).toEqual([]);
    expect(feed.filter(({ type }) => type === 'token.consumed')).toHaveLength(roundsPerRace);
  });

  test('law 9: proposed twice under one idempotency key, it is one request', { timeout: limit }, async () => {
    const { left, right, inspect } = await openFor(waits);
    await playRounds(roundsPerRace, together, async (n) => {
      const ask = ({ call, keys }: typeof left) =>
        call(
          keys.agent,
          'POST',
          '/v1/requests',
          { agent: 'tester', tool: 'pay', args: { n } },
          { 'idempotency-key': `ask-${n}` },
        );
      const [one, other] = await Promise.all([ask(left), ask(right)]);
      expect([one.status, other.status]).toEqual([202, 202]);
      expect(one.body.request).toEqual(other.body.request);
    });
    const { violations, records } = await inspect();
    expect(violations).toEqual([]);
    expect(records.size).toBe(roundsPerRace);
  });
});
