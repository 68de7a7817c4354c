import type { ComponentChildren } from 'preact';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { DrillCard } from './DrillCard.tsx';
import { Outcome } from './Outcome.tsx';
import { Prelude } from './Prelude.tsx';
import { useDrill } from './use-drill.ts';

/**
 * Practice: forty cards as in review, half of them wrong, each told of at once (oversight.md, "Canaries and drills").
 * It says what it is on every card, and nothing on it is a request.
 */
export function DrillPage({ connection }: { connection: Connection }) {
  const handle = useDrill(connection);
  const { known, drill, past, trouble } = handle.practice;
  if (drill?.card !== undefined)
    return (
      <DrillCard
        key={`${drill.id}:${drill.card.number}`}
        connection={connection}
        handle={handle}
        drill={drill}
        card={drill.card}
      />
    );
  if (drill?.result !== undefined)
    return (
      <Outcome
        result={drill.result}
        trouble={trouble && troubleText(trouble)}
        onAgain={() => void handle.start()}
        onLeave={handle.leave}
      />
    );
  return (
    <Beginning trouble={trouble && troubleText(trouble)} onRetry={() => void handle.read()}>
      {drill !== null ? (
        <div class="blank">
          <p>{say('drill_none_left')}</p>
          <button type="button" class="primary" onClick={() => void handle.stop(drill)}>
            {say('drill_stop')}
          </button>
        </div>
      ) : (
        known && <Prelude past={past} onStart={() => void handle.start()} />
      )}
    </Beginning>
  );
}

type Props = { trouble: string | null; onRetry: () => void; children: ComponentChildren };

function Beginning({ trouble, onRetry, children }: Props) {
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls when narrow
    <main class="drill" tabIndex={0}>
      {trouble !== null && (
        <p class="notice warn" role="alert">
          {trouble}{' '}
          <button type="button" class="link" onClick={onRetry}>
            {say('try_again')}
          </button>
        </p>
      )}
      {children}
    </main>
  );
}
