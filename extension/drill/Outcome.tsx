import type { DrillResult } from '@countersign/shared/contracts';
import { useEffect, useRef } from 'preact/hooks';
import { faultWords } from '../decide/fault-words.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { say } from '../words/say.ts';

type Props = { result: DrillResult; trouble: string | null; onAgain: () => void; onLeave: () => void };

/** How it went, for who took it: both ways of being mistaken, and where to look next time. Counts, and no mark. */
export function Outcome({ result, trouble, onAgain, onLeave }: Props) {
  const { answered, cards, wrong, right, why } = result;
  const main = useRef<HTMLElement>(null);
  useEffect(() => main.current?.focus({ preventScroll: true }), []);
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  const missed = wrong.depths.flatMap(({ difficulty, n, found }) => (found < n ? [difficulty] : []));
  return (
    <section class="one">
      <main class="drill" ref={main} tabIndex={-1}>
        <h1>{say('drill_over')}</h1>
        {why !== 'finished' && <p class="hint">{say('drill_over_early', answered, cards)}</p>}
        {answered > 0 && (
          <>
            <dl class="counts">
              <div>
                <dt>{say('drill_wrong_found')}</dt>
                <dd>{say('drill_of', wrong.found, wrong.n)}</dd>
              </div>
              <div>
                <dt>{say('drill_right_approved')}</dt>
                <dd>{say('drill_of', right.approved, right.n)}</dd>
              </div>
            </dl>
            {wrong.kinds.length > 0 && (
              <table class="past">
                <thead>
                  <tr>
                    <th scope="col">{say('drill_what_was_wrong')}</th>
                    <th scope="col">{say('drill_found')}</th>
                  </tr>
                </thead>
                <tbody>
                  {wrong.kinds.map(({ kind, n, found }) => (
                    <tr key={kind}>
                      <td>{faultWords(kind)}</td>
                      <td>{say('drill_of', found, n)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            {missed.includes('plain') && <p>{say('drill_look_plain')}</p>}
            {missed.includes('buried') && <p>{say('drill_look_buried')}</p>}
            {right.approved < right.n && <p>{say('drill_look_right')}</p>}
          </>
        )}
        <p class="hint">{say('drill_yours')}</p>
        {trouble !== null && (
          <p class="notice warn" role="alert">
            {trouble}
          </p>
        )}
      </main>
      <footer class="two">
        <button type="button" onClick={onAgain}>
          {say('drill_again')}
        </button>
        <button type="button" class="primary" onClick={onLeave}>
          {say('drill_done')}
        </button>
      </footer>
    </section>
  );
}
