import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say, sayCount } from '../words/say.ts';
import { FilterForm } from './FilterForm.tsx';
import { type Filters, queryOf } from './filters.ts';
import { HistoryList } from './HistoryList.tsx';
import { type ResultsHandle, useResults } from './use-results.ts';

/** Everything that this person may see, newest first, and the way to find one of it again. */
export function HistoryPage({ connection, filters }: { connection: Connection; filters: Filters }) {
  const reading = useResults(connection, filters);
  const { results, busy } = reading;
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  return (
    <main class="history" aria-busy={busy}>
      <h1 class="aside">{say('history')}</h1>
      <FilterForm
        filters={filters}
        rows={results?.rows ?? []}
        onChange={(wanted, typing) => go({ kind: 'history', filters: wanted }, typing ? 'replace' : 'push')}
      />
      <p class="how-many" role="status">
        <span>{howMany(reading)}</span>
        <button type="button" class="link" onClick={reading.readAgain}>
          {say('read_again')}
        </button>
      </p>
      <div class={`found-box${results && results.query !== queryOf(filters) ? ' old' : ''}`}>
        {reading.trouble && (
          <div class="blank" role="alert">
            <p>{troubleText(reading.trouble)}</p>
            <button type="button" onClick={reading.readAgain}>
              {say('try_again')}
            </button>
          </div>
        )}
        {results && results.rows.length > 0 && (
          <HistoryList
            key={results.query}
            results={results}
            me={connection.person.id}
            busy={busy}
            onNearEnd={reading.readMore}
          />
        )}
        {results?.rows.length === 0 && !reading.trouble && (
          <Nothing reading={reading} narrowed={results.query !== ''} />
        )}
      </div>
    </main>
  );
}

function howMany({ results, busy }: ResultsHandle): string {
  if (!results) return busy ? say('history_reading') : '';
  const count = results.rows.length;
  if (results.cursor !== undefined) return say('history_more_than', count);
  return sayCount(count, 'history_count_one', 'history_count_many');
}

/** Nothing was found: because nothing is there, because of the filters, or because the search has to go on. */
function Nothing({ reading, narrowed }: { reading: ResultsHandle; narrowed: boolean }) {
  if (reading.busy) return null;
  const further = reading.results?.cursor !== undefined;
  return (
    <div class="blank">
      <p class="big">{say(narrowed ? 'history_nothing' : 'history_empty')}</p>
      <p>{say(further ? 'history_nothing_yet' : narrowed ? 'history_nothing_hint' : 'history_empty_hint')}</p>
      {further && (
        <button type="button" onClick={reading.readMore}>
          {say('history_further')}
        </button>
      )}
      {narrowed && (
        <button type="button" onClick={() => go({ kind: 'history', filters: {} })}>
          {say('filters_clear')}
        </button>
      )}
    </div>
  );
}
