import { useEffect, useState } from 'preact/hooks';
import { getRequest, undo } from '../api/reviewer.ts';
import { Title } from '../card/Title.tsx';
import { type Connection, heldItem } from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import { onChange } from '../queue/news.ts';
import { keyed } from '../surface/keyed.ts';
import { useKeys } from '../surface/keys.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { useNow } from '../surface/use-now.ts';
import { say } from '../words/say.ts';
import { noteHeld, stillHeld } from './held.ts';

/** Milliseconds. Holds last seconds, so this is a handful of reads. */
const lookAgainAfter = 3_000;

/** The latest approval that can still be taken back, counting down, on whatever page the reviewer is. */
export function HeldBar({
  connection,
  onUndone,
}: {
  connection: Connection;
  onUndone: (id: string) => void;
}) {
  const now = useNow();
  const held = stillHeld(useStored(heldItem) ?? [], now);
  const latest = held.at(-1);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');

  // Someone else may end it during the hold, and the word of it may get lost; then "runs in" would be untrue.
  useEffect(() => {
    if (latest === undefined) return;
    const look = async () => {
      const answer = await getRequest(connection, latest.id);
      if (answer.ok) await noteHeld(answer.value, connection.person.id);
    };
    void look();
    const timer = setInterval(look, lookAgainAfter);
    const stop = onChange((request) => {
      if (request === null || request === latest.id) void look();
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [latest?.id]);

  const takeBack = async () => {
    if (!latest || busy) return;
    setBusy(true);
    const answer = await undo(connection, latest.id);
    setBusy(false);
    setFailure(answer.ok ? '' : troubleText(answer.trouble));
    if (answer.ok) {
      await noteHeld(answer.value, connection.person.id);
      onUndone(latest.id);
    }
  };
  useKeys({
    z: (repeat) => {
      if (!repeat) void takeBack();
    },
  });

  if (!latest) {
    return failure === '' ? null : (
      <div class="held failed" role="alert">
        <span>{failure}</span>
        <button type="button" onClick={() => setFailure('')}>
          {say('close')}
        </button>
      </div>
    );
  }
  const seconds = Math.max(0, Math.ceil((Date.parse(latest.release_at) - now) / 1_000));
  return (
    <div class="held">
      <span class="what">
        <b>{say('held', seconds)}</b>
        <span class="title">
          <Title segments={latest.title} />
        </span>
        {failure !== '' && <span role="alert">{failure}</span>}
      </span>
      <button type="button" onClick={() => void takeBack()} aria-disabled={busy} {...keyed('Z')}>
        {say('undo')} <kbd>Z</kbd>
      </button>
    </div>
  );
}
