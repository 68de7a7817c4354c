/**
 * Tokens that are out already, and what stops them: a revocation (B10), the kill switch (A7), the end of the agent's
 * key. Each is told to one intake and holds at the other from the moment at which it was answered.
 */
import type { JsonObject } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import type { TestIntake } from '../support/intake.ts';
import { type Arena, arenaPerTest, consume, decide, proposeAllowed, read } from './arena.ts';
import { evenOdds, moment, playRounds, roundsPerRace } from './rounds.ts';

const together = 40;
const limit = 240_000;
const openFor = arenaPerTest();

const waits = 'version: 1\ndefault: approval_required\nrules: []\n';
const allows = 'version: 1\ndefault: allow\nrules: []\n';

type Permit = { id: string; token: string; args: JsonObject };

/** An approval whose agent holds a token of each intake. */
async function approved({ left, right, ann }: Arena, n: number): Promise<[Permit, Permit]> {
  const args = { n };
  const { id, ...request } = await left.propose({ tool: 'pay', args });
  await decide(right, ann, { id, ...request }, 'approve');
  const tokens = [(await read(left, id)).token, (await read(right, id)).token];
  return [
    { id, args, token: tokens[0] ?? '' },
    { id, args, token: tokens[1] ?? '' },
  ];
}

const revoke = ({ call }: TestIntake, key: string, id: string) =>
  call(key, 'POST', `/v1/requests/${id}/revoke`, { reason: 'a mistake' });

describe('a revocation', () => {
  test('law 5: reaches tokens that either intake has given out, and no other is given', async () => {
    const arena = await openFor(waits);
    const [one, other] = await approved(arena, 1);
    expect((await revoke(arena.left, arena.ann, one.id)).status).toBe(200);
    for (const [intake, permit] of [
      [arena.right, one],
      [arena.left, other],
      [arena.right, other],
    ] as const) {
      const { status, code } = await consume(intake, permit);
      expect([status, code]).toEqual([403, 'approval_revoked']);
    }
    for (const intake of [arena.left, arena.right]) {
      const view = await read(intake, one.id);
      expect(view.token).toBeUndefined();
      expect(view.stop_reason).toBe('approval_revoked');
    }
    expect((await arena.inspect()).violations).toEqual([]);
  });

  test('law 5: against consume, one of them comes first and the other is told', {
    timeout: limit,
  }, async () => {
    const arena = await openFor(waits);
    const odds = evenOdds();
    await playRounds(roundsPerRace, together, async (n) => {
      const [permit] = await approved(arena, n);
      const start = Date.now() + 5;
      const [used, back] = await Promise.all([
        moment(start + odds.delay()).then(() => consume(arena.left, permit)),
        moment(start).then(() => revoke(arena.right, arena.ann, permit.id)),
      ]);
      if (used.status === 200) {
        expect([back.status, back.code]).toEqual([409, 'token_consumed']);
      } else {
        expect([used.code, back.status]).toEqual(['approval_revoked', 200]);
      }
      const view = await read(arena.right, permit.id);
      expect(view.consumed_at === undefined).toBe(used.status !== 200);
      odds.won(used.status === 200 ? 'first' : 'second');
    });
    const { violations } = await arena.inspect();
    expect(violations).toEqual([]);
    expect(Math.min(odds.wins.first, odds.wins.second)).toBeGreaterThanOrEqual(roundsPerRace / 10);
  });
});

describe('the kill switch', () => {
  test.each([
    ['workspace', undefined],
    ['agent', 'tester'],
    ['tool', 'p*'],
  ])(
    'law 5: on the %s reaches tokens that either intake has given out, until it is lifted',
    async (scope, match) => {
      const { left, right, inspect } = await openFor(allows);
      const permits = await Promise.all([
        proposeAllowed(left, 'pay', { n: 1 }),
        proposeAllowed(right, 'pay', { n: 2 }),
      ]);
      const body = { scope, reason: 'incident', ...(match === undefined ? {} : { match }) };
      const freeze = await left.call<{ id: string }>(left.keys.admin, 'POST', '/v1/freeze', body);
      expect(freeze.status).toBe(201);
      for (const permit of permits) {
        for (const intake of [right, left]) {
          expect((await consume(intake, permit)).code).toBe('frozen');
          expect(await read(intake, permit.id)).not.toHaveProperty('token');
        }
      }
      await right.call(right.keys.admin, 'DELETE', `/v1/freeze/${freeze.body.id}`);
      for (const permit of permits) expect((await consume(left, permit)).status).toBe(200);
      expect((await inspect()).violations).toEqual([]);
    },
  );

  test('law 5: once it is answered, no token is given out, whoever reads at which intake', async () => {
    const { left, right, inspect } = await openFor(allows);
    const permits = await Promise.all(
      Array.from({ length: together }, (_, n) => proposeAllowed(left, 'pay', { n })),
    );
    let frozen = false;
    const freeze = moment(Date.now() + 15).then(async () => {
      await right.call(right.keys.admin, 'POST', '/v1/freeze', { scope: 'workspace', reason: 'incident' });
      frozen = true;
    });
    let early = 0;
    const reads = permits.map(async ({ id }, n) => {
      for (let round = 0; round < 15; round++) {
        const late = frozen;
        const { token } = await read(n % 2 === 0 ? left : right, id);
        if (late) expect(token).toBeUndefined();
        else early += 1;
      }
    });
    await Promise.all([freeze, ...reads]);
    expect(early).toBeGreaterThan(0);
    expect((await inspect()).violations).toEqual([]);
  });
});

test('law 5: a token of an agent whose key was revoked is used by nobody else’s and by that one no more', async () => {
  const { left, right } = await openFor(allows);
  const made = await left.call<{ id: string; key: string }>(left.keys.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'zoe',
    agents: ['tester'],
  });
  const other = await left.call<{ key: string }>(left.keys.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'yan',
    agents: ['another'],
  });
  const permit = await proposeAllowed({ ...left, keys: { ...left.keys, agent: made.body.key } }, 'pay', {
    n: 1,
  });
  const as = (intake: TestIntake, agent: string) =>
    consume({ ...intake, keys: { ...intake.keys, agent } }, permit);
  await left.call(left.keys.admin, 'DELETE', `/v1/keys/${made.body.id}`);
  for (const intake of [right, left]) {
    expect((await as(intake, made.body.key)).code).toBe('unauthorized');
    expect((await as(intake, other.body.key)).code).toBe('agent_not_allowed');
  }
});
