/** The laws of calls that run first and are reviewed afterwards, as properties of random lives. */
import { isTerminal, type RequestRecord } from '@countersign/shared/request';
import { describe, expect, test } from 'vitest';
import { decide } from '../../services/intake/lifecycle/decide.ts';
import { timersOf } from '../../services/intake/lifecycle/due.ts';
import { onEveryLife } from './every-life.ts';
import { isFrozen } from './oracle.ts';
import { eventsOf, type Life, type Move } from './play.ts';
import { reviewedScenarios } from './scenario.ts';

const lives = 400;
const onEveryReview = (law: (life: Life) => void) => onEveryLife(law, lives, reviewedScenarios());
const onEveryReviewed = (law: (move: Move) => void) => onEveryReview(({ moves }) => moves.forEach(law));

const next: Record<string, readonly string[]> = {
  running: ['running', 'reviewed', 'unreviewed', 'undo_requested', 'cancelled'],
  undo_requested: ['undo_requested', 'undone', 'undo_failed'],
};
/** What a review fixes. */
const fixed = ({ status, review, decided_at, stop_reason, args_digest, terms }: RequestRecord) => ({
  status,
  review,
  decided_at,
  stop_reason,
  args_digest,
  terms,
});

describe('one end', () => {
  test('law 1: what has ended never changes, and each status is followed by none but its own', () => {
    onEveryReviewed(({ before, after }) => {
      if (isTerminal(before.status)) expect(fixed(after)).toEqual(fixed(before));
      else expect(next[before.status]).toContain(after.status);
    });
  });

  test('law 1: it is reviewed once, by one person, and the feed says so exactly when the record does', () => {
    onEveryReview((life) => {
      const last = life.moves.at(-1)?.after ?? life.proposed.request;
      const said = eventsOf(life).filter(({ type }) => /^review\.(reviewed|undo_requested)$/.test(type));
      const verdict = last.review?.verdict;
      expect(said.map(({ type }) => (type === 'review.reviewed' ? 'fine' : 'undo'))).toEqual(
        verdict === undefined ? [] : [verdict],
      );
      if (verdict !== undefined) expect(said[0]?.actor.id).toBe(last.review?.by);
      const unseen = eventsOf(life).filter(({ type }) => type === 'review.unreviewed');
      expect(unseen).toHaveLength(last.status === 'unreviewed' ? 1 : 0);
    });
  });

  test('no verdict of approval is taken for it, nor anything else that is for what waits', () => {
    onEveryReviewed(({ before, after, command, decision }) => {
      if (!['decide', 'undo', 'claim', 'ask', 'answer'].includes(command.kind)) return;
      expect(decision.refusal).toBeDefined();
      expect(after.verdicts).toEqual(before.verdicts);
    });
  });
});

describe('time', () => {
  test('law 2: silence is never consent: what nobody looked at within the window is unreviewed, and says so', () => {
    onEveryReview(({ proposed, moves, end }) => {
      const last = moves.at(-1)?.after ?? proposed.request;
      if (last.status !== 'running') return;
      const after = decide(last, { kind: 'wake' }, { ...end, now: end.now + 1e9 }).request;
      expect(after.status).toBe(last.consumed === undefined ? 'cancelled' : 'unreviewed');
      expect(after.review?.verdict).toBeUndefined();
    });
  });

  test('law 2: the window counts from the run, never moves, and nothing is said after it', () => {
    onEveryReviewed(({ before, after, command, at, decision }) => {
      const until = before.review?.until;
      if (until !== undefined) expect(after.review?.until).toBe(until);
      else if (after.consumed !== undefined)
        expect(after.review?.until).toBe(after.consumed.at + (after.review?.window_ms ?? 0));
      if (command.kind === 'review' && decision.refusal === undefined && after !== before) {
        expect(at).toBeLessThan(until ?? 0);
      }
      if (after.status === 'unreviewed' && before.status === 'running') {
        expect(decision.events.find(({ type }) => type === 'review.unreviewed')?.at).toBe(until);
      }
    });
  });

  test('an undo that the agent does not answer stays asked for, and is told of once, when its time is over', () => {
    onEveryReview(({ proposed, moves, end }) => {
      const last = moves.at(-1)?.after ?? proposed.request;
      if (last.status !== 'undo_requested') return;
      const late = { ...end, now: end.now + 1e9 };
      const first = decide(last, { kind: 'wake' }, late);
      expect(first.request.status).toBe('undo_requested');
      expect(first.request.review?.overdue_at).toBe(last.review?.answer_by);
      const told = last.review?.overdue_at === undefined ? ['review.undo_overdue'] : [];
      expect(first.events.map(({ type }) => type)).toEqual(told);
      expect(timersOf(first.request)).toEqual({});
      expect(decide(first.request, { kind: 'wake' }, late).events).toEqual([]);
    });
  });

  test('whatever it waits for, there is a timer for it', () => {
    onEveryReviewed(({ after }) => {
      const waits =
        after.status === 'running' || (after.status === 'undo_requested' && !after.review?.overdue_at);
      expect(Object.keys(timersOf(after))).toHaveLength(waits ? 1 : 0);
      for (const at of Object.values(timersOf(after))) expect(at).toBeGreaterThan(after.created_at);
    });
  });
});

describe('running and undoing', () => {
  test('law 5: it runs once, with its own arguments, and never after its undo was asked for or its leave was taken', () => {
    onEveryReviewed(({ before, after, world, command, decision }) => {
      if (command.kind !== 'consume' || decision.refusal !== undefined) return;
      expect(command.digest).toBe(before.args_digest);
      expect(before.revoked).toBeUndefined();
      expect(isFrozen(before, world)).toBe(false);
      expect(['running', 'reviewed', 'unreviewed']).toContain(after.status);
      if (before.consumed !== undefined) {
        expect(command).toMatchObject({ jti: before.consumed.jti, idempotency: before.consumed.idempotency });
      }
    });
  });

  test('what has not run is not reviewed, and what can not run any more ends without a review', () => {
    onEveryReviewed(({ before, after, command, decision }) => {
      if (command.kind === 'review' && before.consumed === undefined) expect(decision.refusal).toBeDefined();
      if (after.status === 'cancelled') {
        expect(after.consumed).toBeUndefined();
        expect(after.review?.verdict).toBeUndefined();
        expect(after.stop_reason).toBeDefined();
      } else expect(after.stop_reason).toBeUndefined();
    });
  });

  test('an undo is asked for only where policy names what undoes it, and done only where the agent says so', () => {
    onEveryReviewed(({ before, after, command }) => {
      if (after.status === 'undo_requested') expect(after.review?.undo).toBe('pay.back');
      if (after.status !== before.status && (after.status === 'undone' || after.status === 'undo_failed')) {
        expect(before.status).toBe('undo_requested');
        expect(command).toMatchObject({ kind: 'outcome', status: after.status });
      }
      if (after.outcome?.status === 'undone' || after.outcome?.status === 'undo_failed') {
        expect(after.status).toBe(after.outcome.status);
      }
    });
  });

  test('law 6: what is said of it is said of what was shown', () => {
    onEveryReviewed(({ before, command, decision }) => {
      if (command.kind !== 'review' || decision.refusal !== undefined) return;
      if (before.review?.by === command.reviewer && before.review.verdict === command.verdict) return;
      expect(command.seen).toEqual({ version: before.version, args_digest: before.args_digest });
    });
  });

  test('law 8: neither the owner of the agent’s key nor whoever asked for the run reviews it', () => {
    onEveryReviewed(({ after }) => {
      expect([after.owner, after.requested_by]).not.toContain(after.review?.by ?? 'nobody');
    });
  });
});

describe('these lives', () => {
  test('reach every end and every kind of event, so that the laws above are tried on all of them', () => {
    const statuses = new Set<string>();
    const types = new Set<string>();
    onEveryReview((life) => {
      for (const { after } of life.moves) statuses.add(after.status);
      for (const { type } of eventsOf(life)) types.add(type);
    });
    expect([...statuses].sort()).toEqual(
      ['cancelled', 'reviewed', 'running', 'undo_failed', 'undo_requested', 'undone', 'unreviewed'].sort(),
    );
    for (const type of ['reviewed', 'unreviewed', 'undo_requested', 'undo_overdue'])
      expect(types).toContain(`review.${type}`);
  });
});
