import type { Figures } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';

/** Teams that have begun to miss more canaries than they did. */
export function Drift({ drift }: { drift: Figures['drift'] }) {
  const alarmed = Object.entries(drift).flatMap(([team, one]) =>
    one.enough && one.alarms > 0 ? [{ team, ...one }] : [],
  );
  return (
    <>
      {alarmed.map(({ team, alarms, last_alarm }) => (
        <aside key={team} class="advice rubber_stamped">
          <p class="big">{say('drift_alarm', team)}</p>
          <p>{say('drift_what', alarms, last_alarm?.slice(0, 10) ?? '')}</p>
        </aside>
      ))}
    </>
  );
}
