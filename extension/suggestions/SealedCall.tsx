import type { JsonObject } from '@countersign/shared/contracts';
import { maskOf } from '@countersign/shared/plain';
import { useEffect, useState } from 'preact/hooks';
import { getAsked } from '../api/suggestions.ts';
import type { Trouble } from '../api/trouble.ts';
import { useLooks } from '../card/looks.ts';
import { Payload } from '../card/Payload.tsx';
import { noConfirmations } from '../decide/friction.ts';
import type { Connection } from '../keep/items.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';

const unasked = { kind: 'none' as const, paths: [] };

/** What a call asked for, from beside the sealed log: it is there long after the request has left the store. */
export function SealedCall({ connection, entry }: { connection: Connection; entry: number }) {
  const [args, setArgs] = useState<JsonObject | null | undefined>(undefined);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const looks = useLooks();
  useEffect(() => {
    let wanted = true;
    void getAsked(connection, entry).then((answer) => {
      if (!wanted) return;
      if (answer.ok) setArgs(answer.value);
      else setTrouble(answer.trouble);
    });
    return () => {
      wanted = false;
    };
  }, [connection, entry]);
  if (trouble) return <p role="alert">{troubleText(trouble)}</p>;
  if (args === undefined) return <p class="hint">{say('loading')}</p>;
  if (args === null) return <p class="hint">{say('call_erased')}</p>;
  return (
    <div class="sealed-call">
      <Payload
        args={args}
        friction={unasked}
        confirmations={noConfirmations}
        onConfirm={() => undefined}
        mask={maskOf({ friction: unasked, tool_facts: {} })}
        looks={looks}
      />
    </div>
  );
}
