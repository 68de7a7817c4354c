import { useMemo } from 'preact/hooks';
import { countText } from '../insights/numbers.ts';
import { since, spans, type View } from '../insights/view.ts';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go, hashOf } from '../surface/route.ts';
import { say } from '../words/say.ts';
import { NothingSuggested } from './NothingSuggested.tsx';
import { RunningRules } from './RunningRules.tsx';
import { SuggestionCard } from './SuggestionCard.tsx';
import { useSuggestions } from './use-suggestions.ts';
import { Working } from './Working.tsx';

/** Where a person should be asked, and where not, as far as the log shows; and the way from there into the policy. */
export function SuggestionsPage({ connection, view }: { connection: Connection; view: View }) {
  const from = useMemo(() => since(view, Date.now()), [view.days]);
  const reading = useSuggestions(connection, from);
  const { result, policy, asked } = reading;
  const figures = { kind: 'insights', view: { days: view.days } } as const;
  useKeys({ Escape: () => go(figures) });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a page of numbers has little else to focus, and scrolls
    <main class="insights suggestions" aria-busy={reading.progress !== null} tabIndex={0}>
      <p class="way-back">
        <a href={hashOf(figures)}>{say('insights_title')}</a>
      </p>
      <h1>{say('suggestions_title')}</h1>
      <p class="hint">{say('suggestions_what')}</p>
      <form class="choice" aria-label={say('insights_choice')}>
        <label>
          {say('insights_span')}
          <select
            value={String(view.days)}
            onChange={({ currentTarget: { value } }) => {
              const days = spans.find((span) => String(span) === value) ?? view.days;
              go({ kind: 'insights', view: { ...view, days } });
            }}
          >
            {spans.map((span) => (
              <option key={span} value={String(span)}>
                {say('insights_days', span)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="link" disabled={reading.progress !== null} onClick={reading.readAgain}>
          {say('read_again')}
        </button>
      </form>
      <Working {...reading} onStop={reading.stop} onAgain={reading.readAgain} />
      {policy && <RunningRules policy={policy} />}
      {result && (
        <>
          <p role="status">
            {result.actions === 0
              ? say('suggestions_empty')
              : say('suggestions_counted', countText(result.actions), countText(result.suggestions.length))}
            {result.left_out.erased + result.left_out.planted > 0 &&
              ` ${say('backtest_left_out', result.left_out.erased, result.left_out.planted)}`}
          </p>
          {result.suggestions.map((suggestion) => (
            <SuggestionCard
              key={`${suggestion.tool} ${suggestion.condition}`}
              connection={connection}
              suggestion={suggestion}
              policy={policy}
              asked={asked}
            />
          ))}
          {result.others.map((none) => (
            <NothingSuggested
              key={none.tool}
              connection={connection}
              none={none}
              onRead={reading.readAgain}
            />
          ))}
        </>
      )}
    </main>
  );
}
