import { spanText, titleOf } from '@countersign/shared/plain';
import { useState } from 'preact/hooks';
import { Card } from '../card/Card.tsx';
import { useLooks } from '../card/looks.ts';
import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { Title } from '../card/Title.tsx';
import { noConfirmations } from '../decide/friction.ts';
import type { Connection } from '../keep/items.ts';
import { language, say } from '../words/say.ts';
import type { Row } from './rows.ts';
import { UndoForm } from './UndoForm.tsx';
import type { ReviewsHandle } from './use-reviews.ts';

type Props = {
  connection: Connection;
  row: Row;
  handle: ReviewsHandle;
  now: number;
  open: boolean;
  /** The server wants it opened before its like are marked together. */
  wanted: boolean;
  onToggle: () => void;
};

/** One call that ran: what it did, how it went, how long it can be undone. What can be said of it stands under its card. */
export function ReviewRow({ connection, row, handle, now, open, wanted, onToggle }: Props) {
  const { request, over } = row;
  const { review, status, tier, agent, tool } = request;
  const left = Date.parse(review?.until ?? '') - now;
  return (
    <li class={over ? 'over' : undefined} data-request={request.id}>
      <button type="button" class="row" aria-expanded={open} onClick={onToggle}>
        <span class="title">
          <Title segments={titleOf(request, language())} />
        </span>
        <span class="who">
          <Tier tier={tier} />
          <span>
            <Plain text={agent} /> · <Plain text={tool} />
          </span>
        </span>
        <span class={`fate ${status}`}>{fateOf(row)}</span>
        <span class="until">
          {wanted ? (
            <b>{say('review_open_first')}</b>
          ) : (
            !over && status === 'running' && say('time_left', spanText(left))
          )}
        </span>
      </button>
      {open && <Opened connection={connection} row={row} handle={handle} />}
    </li>
  );
}

/** How the run went, or what became of its review. */
function fateOf({ request: { status, outcome }, over }: Row): string {
  if (status === 'undo_requested' || (over && status !== 'running')) return say(`became_${status}`);
  // The list has it no longer, and nobody has read what became of it.
  if (over) return say('review_gone');
  return say(outcome === undefined ? 'review_no_outcome' : `review_${outcome.status}`);
}

function Opened({
  connection,
  row: { request, over },
  handle,
}: Pick<Props, 'connection' | 'row' | 'handle'>) {
  const looks = useLooks();
  const [undoing, setUndoing] = useState(false);
  const { busy } = handle;
  const undo = request.review?.undo ?? null;
  const canSay = !over && request.status === 'running';
  return (
    <div class="opened">
      <Card
        request={request}
        me={connection.person.id}
        access={connection}
        confirmations={noConfirmations}
        onConfirm={() => undefined}
        looks={looks}
      />
      {canSay && undoing && undo !== null && (
        <UndoForm
          undo={undo}
          called={request.callback_url !== undefined}
          busy={busy}
          onBack={() => setUndoing(false)}
          onSend={(reason) => void handle.say(request, { verdict: 'undo', reason })}
        />
      )}
      {canSay && !undoing && (
        <div class="say">
          {undo === null ? (
            <p class="hint">{say('review_no_undo')}</p>
          ) : (
            <button type="button" class="reject" aria-disabled={busy} onClick={() => setUndoing(true)}>
              {say('review_undo')}
            </button>
          )}
          <button
            type="button"
            class="fine"
            aria-disabled={busy}
            onClick={() => !busy && void handle.say(request, { verdict: 'fine' })}
          >
            {say('review_fine')}
          </button>
        </div>
      )}
    </div>
  );
}
