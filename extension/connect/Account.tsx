import type { Connection } from '../keep/items.ts';
import { say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';
import { NotifyHere } from './NotifyHere.tsx';

/** As whom this browser reviews, and the way out. */
export function Account({ connection }: { connection: Connection }) {
  return (
    <p class="account">
      <span>{say('connected_as', connection.person.name, new URL(connection.server).host)}</span>
      <NotifyHere connection={connection} />
      <button type="button" class="link" onClick={() => void askWorker({ kind: 'disconnect' })}>
        {say('disconnect')}
      </button>
    </p>
  );
}
