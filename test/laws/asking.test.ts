/** Asking the agent, in random lives: it tells something and changes nothing. */
import { mostQuestions } from '@countersign/shared/contracts';
import { isTerminal } from '@countersign/shared/request';
import { describe, expect, test } from 'vitest';
import { applyDue, timersOf } from '../../services/intake/lifecycle/due.ts';
import { onEveryMove } from './every-life.ts';
import { placesOf, seated } from './oracle.ts';

describe('asking', () => {
  const talk = new Set(['ask', 'answer']);

  test('law 2: a question or an answer decides nothing and stops no clock', () => {
    onEveryMove(({ before, command, world, after }) => {
      if (!talk.has(command.kind)) return;
      // What is due happens whether or not anyone talks; beyond that only the conversation grows.
      const [standing] = applyDue(before, world);
      const { questions: _now, revision: _new, ...rest } = after;
      const { questions: _then, revision: _old, ...same } = standing;
      expect(rest).toEqual(same);
      expect(timersOf(after)).toEqual(timersOf(standing));
    });
  });

  test('law 1: what was said stays said: questions are only added, answers given once, nothing after the end', () => {
    onEveryMove(({ before, after, decision, command }) => {
      const [earlier, later] = [before.questions ?? [], after.questions ?? []];
      for (const [index, { answered_at, ...asked }] of earlier.entries()) {
        expect(later[index]).toMatchObject(asked);
        if (answered_at !== undefined) expect(later[index]?.answered_at).toBe(answered_at);
      }
      expect(later.length - earlier.length).toBeLessThanOrEqual(command.kind === 'ask' ? 1 : 0);
      expect(later.length).toBeLessThanOrEqual(mostQuestions);
      expect(new Set(later.map(({ id }) => id)).size).toBe(later.length);
      if (isTerminal(before.status)) {
        expect(later).toEqual(earlier);
        if (talk.has(command.kind)) expect(decision.refusal?.code).toBe('already_decided');
      }
    });
  });

  test('law 8: only those who may decide ask, and the feed tells which question, never its words', () => {
    onEveryMove(({ before, command, world, decision }) => {
      const [said] = decision.events.filter(({ type }) => type.startsWith('question.'));
      if (said === undefined) return;
      expect(Object.keys(said.data ?? {})).toEqual(['question', 'commitment']);
      if (command.kind !== 'ask') return;
      const { requirements } = before.terms;
      expect([before.owner, before.requested_by]).not.toContain(command.reviewer);
      const places = requirements.flatMap(placesOf);
      expect(places.some((place) => seated([place], [command.reviewer], world.groupsOf))).toBe(true);
    });
  });
});
