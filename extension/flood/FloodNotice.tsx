import type { FreezeView } from '@countersign/shared/contracts';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Plain } from '../card/Plain.tsx';
import type { Connection, Row } from '../keep/items.ts';
import { onChange } from '../queue/news.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';
import { floodingAgent } from './flooding.ts';
import { getFreezes, liftPause, pauseAgent } from './freezes.ts';

/** Above the queue: what is stopped and by whom, and an agent that asks more than anyone can read. */
export function FloodNotice({ connection, rows }: { connection: Connection; rows: readonly Row[] }) {
  const [freezes, setFreezes] = useState<FreezeView[]>([]);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [complaint, setComplaint] = useState('');

  const look = useCallback(async () => {
    const answer = await getFreezes(connection);
    // Where it can not be read, nothing is claimed: the requests themselves say when they are stopped.
    if (answer.ok) setFreezes(answer.value.items.filter(({ lifted_at }) => lifted_at === undefined));
  }, [connection]);
  useEffect(() => {
    void look();
    return onChange((request) => {
      if (request === null) void look();
    });
  }, [look]);

  const flood = floodingAgent(rows);
  const act = async (deed: () => ReturnType<typeof liftPause>) => {
    if (busy) return;
    setBusy(true);
    const answer = await deed();
    setBusy(false);
    setComplaint(answer.ok ? '' : troubleText(answer.trouble));
    if (answer.ok) setAsking(false);
    await look();
    void askWorker({ kind: 'wake' });
  };

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
      {flood && (
        <div class="notice warn flood">
          <p>
            <b>
              <Plain text={flood.agent} />
            </b>{' '}
            {say('flood', flood.waiting)}
          </p>
          {asking ? (
            <>
              <p>{say('flood_consequence')}</p>
              <button
                type="button"
                class="reject"
                aria-disabled={busy}
                onClick={() =>
                  void act(() =>
                    pauseAgent(connection, flood.agent, say('flood_reason', String(flood.waiting))),
                  )
                }
              >
                {say('flood_pause')}
              </button>{' '}
              <button type="button" class="link" onClick={() => setAsking(false)}>
                {say('close')}
              </button>
            </>
          ) : (
            <button type="button" class="link" onClick={() => setAsking(true)}>
              {say('flood_offer')}
            </button>
          )}
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
