import type { CanaryProgramme } from '@countersign/shared/contracts';
import { useEffect, useState } from 'preact/hooks';
import { getCanaries, switchCanaries } from '../api/canaries.ts';
import type { Trouble } from '../api/trouble.ts';
import { Plain } from '../card/Plain.tsx';
import type { Connection } from '../keep/items.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { language, say } from '../words/say.ts';

/**
 * That tests of attention are in use here, what they are and what they are never used for: the programme is announced,
 * the instances are not (oversight.md, "Canaries and drills"). Whoever leads can stop it.
 */
export function Canaries({ connection }: { connection: Connection }) {
  const [programme, setProgramme] = useState<CanaryProgramme | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);
  const show = (answer: Awaited<ReturnType<typeof getCanaries>>) => {
    setBusy(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) setProgramme(answer.value);
  };
  useEffect(() => void getCanaries(connection).then(show), [connection]);
  // A server from before there was anything to say of them plants what its own pages announce.
  if (programme === null)
    return trouble && trouble.code !== 'not_found' ? <Failed trouble={trouble} /> : null;
  const { announced, running, rate = 0, stopped, may_switch } = programme;
  return (
    <section class="canaries" aria-labelledby="canaries-title">
      <h2 id="canaries-title">{say('canaries_title')}</h2>
      <p role="status">{stateText(programme)}</p>
      {stopped && (
        <p class="hint">
          <Plain text={say('canaries_stopped_by', stopped.by)} />
        </p>
      )}
      {announced !== null && (
        <>
          <p>{say('canaries_what', percent(rate))}</p>
          <ul>
            <li>{say('canaries_never_run')}</li>
            <li>{say('canaries_told')}</li>
            <li>{say('canaries_most')}</li>
            <li>{say('canaries_never')}</li>
          </ul>
        </>
      )}
      {may_switch && (running || stopped) && (
        <button
          type="button"
          disabled={busy}
          onClick={() => {
            setBusy(true);
            void switchCanaries(connection, stopped === undefined).then(show);
          }}
        >
          {say(stopped ? 'canaries_resume' : 'canaries_stop')}
        </button>
      )}
      {trouble && <Failed trouble={trouble} />}
    </section>
  );
}

function Failed({ trouble }: { trouble: Trouble }) {
  return (
    <p class="saved failed" role="alert">
      {troubleText(trouble)}
    </p>
  );
}

const percent = (rate: number): string =>
  rate.toLocaleString(language(), { style: 'percent', maximumFractionDigits: 1 });

/** Whether it runs, in a sentence. */
function stateText({ announced, running, stopped }: CanaryProgramme): string {
  if (announced === null) return say('canaries_none');
  if (stopped) return say('canaries_stopped');
  const day = new Date(`${announced}T12:00:00Z`).toLocaleDateString(language(), { dateStyle: 'long' });
  return say(running ? 'canaries_running' : 'canaries_announced', day);
}
