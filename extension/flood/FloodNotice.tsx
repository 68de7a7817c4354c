import type { FreezeView, Throttle } from '@countersign/shared/contracts';
import { spanText } from '@countersign/shared/plain';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Plain } from '../card/Plain.tsx';
import type { Connection, Row } from '../keep/items.ts';
import { onChange } from '../queue/news.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { useNow } from '../surface/use-now.ts';
import { say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';
import { floodingAgent } from './flooding.ts';
import { getFreezes, getThrottles, liftPause, pauseAgent } from './freezes.ts';

/** Above the queue: what is stopped and by whom, and agents that ask more than anyone can read. */
export function FloodNotice({ connection, rows }: { connection: Connection; rows: readonly Row[] }) {
  const [freezes, setFreezes] = useState<FreezeView[]>([]);
  const [throttles, setThrottles] = useState<Throttle[]>([]);
  const [asking, setAsking] = useState<string | null>(null);
  const now = useNow();
  const [busy, setBusy] = useState(false);
  const [complaint, setComplaint] = useState('');

  const look = useCallback(async () => {
    const [answer, held] = await Promise.all([getFreezes(connection), getThrottles(connection)]);
    // Where it can not be read, nothing is claimed: the requests themselves say when they are stopped.
    if (answer.ok) setFreezes(answer.value.items.filter(({ lifted_at }) => lifted_at === undefined));
    // A server of before knows no throttles.
    setThrottles(held.ok ? held.value.items : []);
  }, [connection]);
  useEffect(() => {
    void look();
    return onChange((request) => {
      if (request === null) void look();
    });
  }, [look]);

  const flood = floodingAgent(rows);
  const stopped = new Set(freezes.map(({ match }) => match));
  const held = throttles.filter(({ agent, until }) => Date.parse(until) > now && !stopped.has(agent));
  const act = async (deed: () => ReturnType<typeof liftPause>) => {
    if (busy) return;
    setBusy(true);
    const answer = await deed();
    setBusy(false);
    setComplaint(answer.ok ? '' : troubleText(answer.trouble));
    if (answer.ok) setAsking(null);
    await look();
    void askWorker({ kind: 'wake' });
  };

  const offer = (agent: string, reason: string) =>
    asking === agent ? (
      <>
        <p>{say('flood_consequence')}</p>
        <button
          type="button"
          class="reject"
          aria-disabled={busy}
          onClick={() => void act(() => pauseAgent(connection, agent, reason))}
        >
          {say('flood_pause')}
        </button>{' '}
        <button type="button" class="link" onClick={() => setAsking(null)}>
          {say('close')}
        </button>
      </>
    ) : (
      <button type="button" class="link" onClick={() => setAsking(agent)}>
        {say('flood_offer')}
      </button>
    );

  return (
    <>
      {freezes.map((freeze) => (
        <p key={freeze.id} class="notice stopped">
          <span>
            {freeze.match === undefined ? (
              <b>{say('freeze_everything')}</b>
            ) : (
              <>
                <b>
                  <Plain text={freeze.match} />
                </b>{' '}
                {say('freeze_stopped')}
              </>
            )}{' '}
            <small>
              {freeze.set_by}: <Plain text={freeze.reason} />
            </small>
          </span>
          {freeze.set_by === connection.person.id && (
            <button
              type="button"
              class="link"
              onClick={() => void act(() => liftPause(connection, freeze.id))}
            >
              {say('freeze_lift')}
            </button>
          )}
        </p>
      ))}
      {held.map(({ agent, words, until }) => (
        <div key={agent} class="notice warn flood">
          <p>
            <b>
              <Plain text={agent} />
            </b>{' '}
            {say('throttled', spanText(Date.parse(until) - now))}{' '}
            <small>
              <Plain text={words} />
            </small>
          </p>
          {!agent.includes('*') && offer(agent, words)}
        </div>
      ))}
      {flood && !held.some(({ agent }) => agent === flood.agent) && (
        <div class="notice warn flood">
          <p>
            <b>
              <Plain text={flood.agent} />
            </b>{' '}
            {say('flood', flood.waiting)}
          </p>
          {offer(flood.agent, say('flood_reason', String(flood.waiting)))}
        </div>
      )}
      {complaint !== '' && (
        <p class="notice warn" role="alert">
          {complaint}
        </p>
      )}
    </>
  );
}
