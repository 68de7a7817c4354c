import { useMemo, useState } from 'preact/hooks';
import { getCsv } from '../api/insights.ts';
import type { Connection } from '../keep/items.ts';
import { SuggestionsPage } from '../suggestions/SuggestionsPage.tsx';
import { useKeys } from '../surface/keys.ts';
import { go, hashOf } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { Advice } from './Advice.tsx';
import { Alerts } from './Alerts.tsx';
import { Behind } from './Behind.tsx';
import { cellIn, rowsOf } from './cell.ts';
import { Drift } from './Drift.tsx';
import { FigureTable } from './FigureTable.tsx';
import { Load } from './Load.tsx';
import { MyFigures } from './MyFigures.tsx';
import { countText } from './numbers.ts';
import { Practised } from './Practised.tsx';
import { Trends } from './Trends.tsx';
import { useInsights } from './use-insights.ts';
import { since, spans, type View } from './view.ts';

type Props = { connection: Connection; view: View };

/** The page of figures, or the one behind it. */
export function InsightsPage(props: Props) {
  return props.view.part === 'suggestions' ? <SuggestionsPage {...props} /> : <FiguresPage {...props} />;
}

/** Whether people still read what they approve: of teams for a lead, and of oneself for everyone. */
function FiguresPage({ connection, view }: Props) {
  const from = useMemo(() => since(view, Date.now()), [view.days]);
  const of = { from, team: view.team };
  const { insights, busy, readAgain } = useInsights(connection, of);
  const [behind, setBehind] = useState<string | null>(null);
  const { team, mine, trouble } = insights;
  useKeys({ Escape: () => (behind === null ? go({ kind: 'queue' }) : setBehind(null)) });
  const decided = team?.figures.rows.reduce((sum, row) => sum + row.requests.decided, 0) ?? 0;
  const cell = cellIn(location.hash);
  const behindIt = team && team.figures.searched < team.figures.sealed;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a page of numbers has little else to focus, and scrolls
    <main class="insights" aria-busy={busy} tabIndex={0}>
      <h1>{say('insights_title')}</h1>
      <p class="hint" role="status">
        {team
          ? say('insights_what', view.days, countText(decided))
          : busy
            ? say('loading')
            : say('insights_own')}{' '}
        {behindIt && say('insights_behind', countText(team.figures.sealed - team.figures.searched))}
      </p>
      <Choice view={view} teams={teamsIn(insights)} />
      {trouble && (
        <p class="notice warn" role="alert">
          {troubleText(trouble)}{' '}
          <button type="button" class="link" onClick={readAgain}>
            {say('try_again')}
          </button>
        </p>
      )}
      {team && (
        <>
          <Alerts connection={connection} />
          <Drift drift={team.figures.drift} />
          <Advice rows={team.figures.rows} />
          {cell !== null && (
            <p class="notice">
              {say('cell_only')} <a href={hashOf({ kind: 'insights', view })}>{say('cell_all')}</a>
            </p>
          )}
          {team.figures.rows.length === 0 ? (
            <p class="blank">{say('insights_none')}</p>
          ) : (
            <FigureTable rows={rowsOf(team.figures.rows, cell)} onBehind={setBehind} />
          )}
          <p class="ways">
            <button type="button" onClick={() => void save(connection, of)}>
              {say('insights_csv')}
            </button>
            <button type="button" class="link" onClick={readAgain}>
              {say('read_again')}
            </button>
            <a href={hashOf({ kind: 'insights', view: { days: view.days, part: 'suggestions' } })}>
              {say('suggestions_link')}
            </a>
          </p>
          {behind !== null && (
            <Behind connection={connection} address={behind} onClose={() => setBehind(null)} />
          )}
          {team.trend && <Trends trend={team.trend} />}
          {team.load && <Load load={team.load} />}
          <Practised connection={connection} />
        </>
      )}
      {mine && <MyFigures mine={mine} />}
    </main>
  );
}

/** Which span, and which team. */
function Choice({ view, teams }: { view: View; teams: string[] }) {
  return (
    <form class="choice" aria-label={say('insights_choice')}>
      <label>
        {say('insights_span')}
        <select
          value={String(view.days)}
          onChange={({ currentTarget }) =>
            go({
              kind: 'insights',
              view: { ...view, days: spans.find((span) => String(span) === currentTarget.value) ?? 30 },
            })
          }
        >
          {spans.map((span) => (
            <option key={span} value={String(span)}>
              {say('insights_days', span)}
            </option>
          ))}
        </select>
      </label>
      {(teams.length > 1 || view.team !== undefined) && (
        <label>
          {say('insights_team')}
          <select
            value={view.team ?? ''}
            onChange={({ currentTarget: { value } }) =>
              go({ kind: 'insights', view: value === '' ? { days: view.days } : { ...view, team: value } })
            }
          >
            <option value="">{say('insights_all_teams')}</option>
            {teams.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </form>
  );
}

function teamsIn({ team }: { team?: { figures: { rows: { team?: string | undefined }[] } } }): string[] {
  return [...new Set(team?.figures.rows.flatMap((row) => row.team ?? []) ?? [])].toSorted();
}

async function save(connection: Connection, of: { from: string; team?: string | undefined }): Promise<void> {
  const csv = await getCsv(connection, of);
  if (csv === undefined) return;
  const address = URL.createObjectURL(csv);
  const link = document.createElement('a');
  link.href = address;
  link.download = `countersign-figures-${of.from.slice(0, 10)}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
