import type { NamedCall } from '@countersign/shared/contracts';
import { useState } from 'preact/hooks';
import type { Connection } from '../keep/items.ts';
import { hashOf } from '../surface/route.ts';
import { language, say } from '../words/say.ts';
import { SealedCall } from './SealedCall.tsx';

type Props = { connection: Connection; title: string; calls: readonly NamedCall[] };

/** Calls by name: who asked when and what was wrong with it, a way to the request, and what it asked for in place. */
export function NamedCalls({ connection, title, calls }: Props) {
  if (calls.length === 0) return null;
  return (
    <section class="named" aria-label={title}>
      <h4>{title}</h4>
      <ul>
        {calls.map((call) => (
          <Line key={call.request_id} connection={connection} call={call} />
        ))}
      </ul>
    </section>
  );
}

function Line({ connection, call }: { connection: Connection; call: NamedCall }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <span class="who">{call.agent}</span>
      <time dateTime={call.at}>{whenText(call.at)}</time>
      {call.faults.map((fault) => (
        <span key={fault} class="fault">
          {say(`fault_${fault}`)}
        </span>
      ))}
      <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {say(open ? 'call_hide' : 'call_show')}
      </button>
      <a href={hashOf({ kind: 'request', id: call.request_id, step: 'look' })}>{say('call_request')}</a>
      {open && <SealedCall connection={connection} entry={call.entry} />}
    </li>
  );
}

const whenText = (at: string): string =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at));
