import type { BatchRow, RequestView } from '@countersign/shared/contracts';
import { useEffect, useState } from 'preact/hooks';
import { Card } from '../card/Card.tsx';
import { useLooks } from '../card/looks.ts';
import { noConfirmations } from '../decide/friction.ts';
import type { Connection } from '../keep/items.ts';
import { say } from '../words/say.ts';
import type { BatchHandle } from './use-batch.ts';

type Props = { connection: Connection; row: BatchRow; handle: BatchHandle };

/** A row's whole request, in its place. That it was opened is told once it is on the screen. */
export function OpenedRow({ connection, row, handle }: Props) {
  const [request, setRequest] = useState<RequestView | null>(null);
  const looks = useLooks();
  useEffect(() => {
    let wanted = true;
    handle.open(row).then((read) => {
      if (wanted) setRequest(read);
    });
    return () => {
      wanted = false;
    };
  }, [row.id]);
  return (
    <div class="opened-row">
      {request ? (
        <Card
          request={request}
          me={connection.person.id}
          access={connection}
          confirmations={noConfirmations}
          onConfirm={() => undefined}
          looks={looks}
        />
      ) : (
        <p class="blank">{say('batch_opening')}</p>
      )}
    </div>
  );
}
