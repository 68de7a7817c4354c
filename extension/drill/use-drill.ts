import type { AnswerDrill, Drill, DrillFeedback, DrillResult } from '@countersign/shared/contracts';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { answerDrill, getDrills, startDrill, stopDrill } from '../api/drills.ts';
import type { Answer, Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';

/** What the page of practice shows. */
export type Practice = {
  /** Whether the server has been asked yet what is under way. */
  known: boolean;
  drill: Drill | null;
  past: DrillResult[];
  /** What was told of the card that stands there still, until the reviewer goes on; and the drill as it then is. */
  told: { feedback: DrillFeedback; then: Drill } | null;
  sending: AnswerDrill['verdict'] | null;
  trouble: Trouble | null;
};

const nothing: Practice = { known: false, drill: null, past: [], told: null, sending: null, trouble: null };

/**
 * A drill as the server keeps it: it goes on where it was left, on whatever surface. One call at a time. An answer that
 * was lost is given again by the same button, and counts once.
 */
export function useDrill(connection: Connection) {
  const [practice, setPractice] = useState(nothing);
  const busy = useRef(false);

  const run = useCallback(
    async <T>(ask: () => Promise<Answer<T>>, take: (value: T, before: Practice) => Partial<Practice>) => {
      if (busy.current) return;
      busy.current = true;
      const answer = await ask();
      busy.current = false;
      setPractice((before) => ({
        ...before,
        sending: null,
        trouble: answer.ok ? null : answer.trouble,
        ...(answer.ok ? take(answer.value, before) : {}),
      }));
      return answer;
    },
    [],
  );

  const read = useCallback(
    () =>
      run(
        () => getDrills(connection),
        ({ drill, past }) => ({ known: true, drill, past, told: null }),
      ),
    [connection],
  );
  useEffect(() => void read(), [read]);

  return {
    practice,
    read,
    start: () =>
      run(
        () => startDrill(connection),
        (drill) => ({ drill, told: null }),
      ),
    async answer(drill: Drill, body: AnswerDrill) {
      setPractice((before) => ({ ...before, sending: body.verdict, trouble: null }));
      const answer = await run(
        () => answerDrill(connection, drill.id, body),
        ({ feedback, drill: then }) => ({ told: { feedback, then } }),
      );
      // Another surface has gone on with it, or what the card was made of is gone.
      const elsewhere =
        answer?.ok === false && ['stale', 'card_answered', 'not_found'].includes(answer.trouble.code);
      if (elsewhere) await read();
    },
    /** From what was told of a card to the next, or to how it all went. */
    goOn: () =>
      setPractice((before) => (before.told ? { ...before, drill: before.told.then, told: null } : before)),
    stop: (drill: Drill) =>
      run(
        () => stopDrill(connection, drill.id),
        (result) => {
          const { card: _left, ...rest } = drill;
          return { drill: { ...rest, result }, told: null };
        },
      ),
    /** Away from how it went, to the beginning. */
    leave: () => {
      setPractice((before) => ({ ...before, drill: null }));
      void read();
    },
  };
}

export type DrillHandle = ReturnType<typeof useDrill>;
