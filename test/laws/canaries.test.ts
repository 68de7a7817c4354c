/** Law 10 in random lives of a planted request, next to the life that the same request would have had from an agent. */
import { canaryCommitment } from '@countersign/shared/digest';
import type { EventBody } from '@countersign/shared/feed';
import { isTerminal, type Planted, type RequestRecord, viewOf } from '@countersign/shared/request';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayRun } from '../../services/intake/lifecycle/run.ts';
import { eventsOf, type Life, play } from './play.ts';
import { type Scenario, scenarios } from './scenario.ts';

const planted: Planted = { kind: 'extra_zero', path: 'amount', difficulty: 'plain', source: 'req_0' };

/** Both lives of one scenario: planted, and made by an agent. */
function bothLives(property: (canary: Life, real: Life, scenario: Scenario) => void): void {
  fc.assert(
    fc.property(scenarios(), (scenario) => property(play(scenario, planted), play(scenario), scenario)),
    { numRuns: 500 },
  );
}

const shown = (record: RequestRecord) => {
  const payload = { args: { amount: 5 }, salt: '', why: [] };
  return JSON.stringify(viewOf(record, { first: payload, current: payload }, () => new Set()));
};

/** An event as every reader of feed, stream and log finds it, a commitment by its length. */
function told({ data, ...event }: EventBody): string {
  const { canary_commitment: hidden, ...rest } = data ?? {};
  return JSON.stringify({
    ...event,
    data: rest,
    ...(hidden === undefined ? {} : { hidden: `${hidden}`.length }),
  });
}

test('law 10: nothing that happens to a canary lets it run: it is never approved, has no token, and grants nothing', () => {
  bothLives((canary) => {
    for (const { after, world, decision, command } of canary.moves) {
      expect(after.status).not.toBe('approved');
      expect(after).not.toHaveProperty('valid_until');
      expect(after).not.toHaveProperty('granted');
      expect(after).not.toHaveProperty('release_at');
      expect(mayRun(after, world)).toBe(false);
      expect(mayRun({ ...after, status: 'approved', valid_until: 1e15 }, world)).toBe(false);
      if (command.kind === 'consume') expect(decision.refusal).toBeDefined();
    }
    const forbidden = /^(token\.(issued|consumed)|request\.(approved|revoked)|grant\.|outcome\.)/;
    expect(eventsOf(canary).filter(({ type }) => forbidden.test(type))).toEqual([]);
  });
});

test('law 10: until it is answered a canary is shown, told, refused and timed as the real request would be', () => {
  bothLives((canary, real) => {
    expect(canary.proposed.events.map(told)).toEqual(real.proposed.events.map(told));
    for (const [index, move] of canary.moves.entries()) {
      const twin = real.moves[index];
      if (twin === undefined) throw new Error('both lives are of one scenario');
      expect(shown(move.before)).toBe(shown(twin.before));
      if (isTerminal(move.after.status) || move.after.planted?.answer !== undefined) break;
      expect(move.decision.refusal).toEqual(twin.decision.refusal);
      expect(move.decision.not_after).toEqual(twin.decision.not_after);
      expect(move.decision.events.map(told)).toEqual(twin.decision.events.map(told));
      expect(shown(move.after)).toBe(shown(twin.after));
    }
  });
});

test('the end of every request opens its commitment, once and not before, to what it was', () => {
  const salt = 'salt';
  bothLives((canary, real) => {
    for (const [life, bit] of [
      [canary, true],
      [real, false],
    ] as const) {
      const last = life.moves.at(-1)?.after ?? life.proposed.request;
      const ends = eventsOf(life).filter(
        ({ type, data }) => data?.canary !== undefined && type !== 'verdict.given',
      );
      expect(ends.map(({ data }) => data?.canary)).toEqual(
        isTerminal(last.status) ? [{ planted: bit, salt }] : [],
      );
      for (const { status } of ends) expect(status).toBe(last.status);
    }
  });
  const commitments = [true, false].map((bit) => canaryCommitment('req_1', { planted: bit, salt }));
  expect(commitments[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(commitments[0]).not.toBe(commitments[1]);
  expect(canaryCommitment('req_2', { planted: true, salt })).not.toBe(commitments[0]);
});

test('a verdict ends a canary at once, whatever quorum or hold; its repeat is the same answer, anyone else is too late', () => {
  let answered = 0;
  bothLives((canary) => {
    for (const { before, after, command, decision } of canary.moves) {
      if (command.kind !== 'decide' || after.planted?.answer === undefined) continue;
      const { by, verdict, caught } = after.planted.answer;
      if (before.planted?.answer === undefined) {
        answered += 1;
        expect(after).toMatchObject({ status: 'cancelled', verdicts: [] });
        expect(after).not.toHaveProperty('decided_by');
        expect(by).toBe(command.reviewer);
        expect(caught).toBe(verdict === 'reject' || command.edit !== undefined);
        expect(decision.events.at(-1)?.data?.result).toEqual({
          caught,
          difficulty: 'plain',
          kind: 'extra_zero',
        });
      } else if (by !== command.reviewer) expect(decision.refusal).toBeDefined();
      expect(after.planted.answer).toEqual(before.planted?.answer ?? after.planted.answer);
    }
  });
  expect(answered).toBeGreaterThan(50);
});
