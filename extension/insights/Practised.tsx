import type { DrillTeams } from '@countersign/shared/contracts';
import { useEffect, useState } from 'preact/hooks';
import { getDrillTeams } from '../api/drills.ts';
import type { Connection } from '../keep/items.ts';
import { say } from '../words/say.ts';

/** How many of each team of five or more have practised. Who, and how it went, nobody but they are told. */
export function Practised({ connection }: { connection: Connection }) {
  const [found, setFound] = useState<DrillTeams | null>(null);
  useEffect(() => {
    let wanted = true;
    void getDrillTeams(connection).then((answer) => {
      if (wanted && answer.ok) setFound(answer.value);
    });
    return () => {
      wanted = false;
    };
  }, [connection]);
  if (found === null || found.teams.length === 0) return null;
  return (
    <section aria-label={say('drill_teams')}>
      <h2>{say('drill_teams')}</h2>
      <p class="hint">{say('drill_teams_hint')}</p>
      <dl class="own">
        {found.teams.map(({ team, people, finished }) => (
          <div key={team ?? ''} class="pair">
            <dt>{team ?? say('insights_all_teams')}</dt>
            <dd>{say('drill_of', finished, people)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
