import type { AlertList, AlertView } from '@countersign/shared/contracts';
import { Fragment } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { getAlerts, liftThrottle } from '../api/insights.ts';
import { Plain } from '../card/Plain.tsx';
import type { Connection } from '../keep/items.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';

/** What a lead is told of unasked: what stands, with its figures and what to do; and what is over, when asked for. */
export function Alerts({ connection }: { connection: Connection }) {
  const [alerts, setAlerts] = useState<AlertList | null>(null);
  const [complaint, setComplaint] = useState('');
  const look = useCallback(async () => {
    const answer = await getAlerts(connection);
    // A server of before knows none.
    if (answer.ok) setAlerts(answer.value);
  }, [connection]);
  useEffect(() => void look(), [look]);
  if (alerts === null || alerts.open.length + alerts.recent.length === 0) return null;
  const letGo = async (agent: string) => {
    const answer = await liftThrottle(connection, agent);
    setComplaint(answer.ok ? '' : troubleText(answer.trouble));
    await look();
  };
  return (
    <section class="alerts" aria-label={say('alerts_title')}>
      <h2>{say('alerts_title')}</h2>
      {alerts.open.map((alert) => (
        <Standing key={alert.id} alert={alert} onLetGo={letGo} />
      ))}
      {complaint !== '' && (
        <p class="notice warn" role="alert">
          {complaint}
        </p>
      )}
      {alerts.recent.length > 0 && (
        <details>
          <summary>{say('alerts_over', alerts.recent.length)}</summary>
          <ul>
            {alerts.recent.map(({ id, title, cleared_at = '' }) => (
              <li key={id}>
                <time dateTime={cleared_at}>{momentText(cleared_at)}</time> <Plain text={title} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Standing({ alert, onLetGo }: { alert: AlertView; onLetGo: (agent: string) => Promise<void> }) {
  const { kind, about, figures, title, found, advice, page, urgency, raised_at } = alert;
  const { agent } = about;
  const isHeld = figures.until !== undefined && Date.parse(figures.until) > Date.now();
  return (
    <article
      class={`advice ${urgency === 'high' || urgency === 'critical' ? 'rubber_stamped' : 'mis_tiered'}`}
    >
      <h3>
        <Plain text={title} />
      </h3>
      <p class="hint">
        {urgency} · <time dateTime={raised_at}>{say('alert_since', momentText(raised_at))}</time>
      </p>
      <dl class="own">
        {found.map(({ name, value }) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>
              <Plain text={value} />
            </dd>
          </Fragment>
        ))}
      </dl>
      <ul>
        {advice.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p class="ways">
        {kind !== 'flooding' && <a href={page}>{say('alert_cell')}</a>}
        {agent !== undefined && isHeld && figures.paused !== true && (
          <button type="button" onClick={() => void onLetGo(agent)}>
            {say('alert_let_go')}
          </button>
        )}
      </p>
    </article>
  );
}

const momentText = (at: string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
