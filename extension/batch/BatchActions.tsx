import type { Batch } from '@countersign/shared/contracts';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ArmedButton } from '../decide/ArmedButton.tsx';
import { useArming } from '../decide/use-arming.ts';
import { useKeys } from '../surface/keys.ts';
import { language, say, sayCount } from '../words/say.ts';
import { chosenSums, stillToOpen } from './marks.ts';
import { sumText } from './table.ts';
import type { BatchHandle } from './use-batch.ts';

type Props = {
  batch: Batch;
  handle: BatchHandle;
  rejecting: boolean;
  onRejecting: (rejecting: boolean) => void;
  /** Shows a row that has to be opened first. */
  onOpen: (id: string) => void;
};

/** The verdict on the chosen rows. Another choice is another face, and arms anew; by key it takes two strokes. */
export function BatchActions({ batch, handle, rejecting, onRejecting, onOpen }: Props) {
  const { marks, sending, send } = handle;
  const [reason, setReason] = useState('');
  const chosen = [...marks.chosen].sort();
  const toOpen = stillToOpen(batch, marks);
  const [first] = toOpen;
  const arming = useArming(`${batch.id}:${rejecting}:${chosen.join(' ')}`);
  const busy = sending !== null;
  const none = chosen.length === 0;
  const blocked = busy || none || toOpen.length > 0;
  const clear = () => {
    if (busy) return;
    if (none) document.querySelector<HTMLElement>('.batch-row input:enabled')?.focus();
    else if (first !== undefined) onOpen(first);
  };
  const reject = () => void send('reject', reason).then(() => onRejecting(false));

  useKeys(
    {
      a: (repeat) => {
        if (repeat || rejecting) return;
        if (blocked) clear();
        else arming.press('a');
      },
      r: (repeat) => {
        if (!repeat && !rejecting && !busy && !none) onRejecting(true);
      },
      'Ctrl+Enter': (repeat) => {
        if (repeat || !rejecting || busy || none) return;
        // At the press, because a Mac tells nothing of keys that come up while ⌘ is down. A no runs nothing.
        arming.press('Ctrl+Enter');
        if (arming.release('Ctrl+Enter', 1)) reject();
      },
    },
    {
      a: () => {
        const fires = arming.release('a', 2);
        if (fires && !rejecting && !blocked) void send('approve', '');
      },
    },
  );

  if (rejecting) {
    return (
      <>
        <ReasonBox reason={reason} onReason={setReason} />
        <footer class="two">
          <button type="button" onClick={() => onRejecting(false)}>
            {say('back')} <kbd>Esc</kbd>
          </button>
          <ArmedButton
            arming={arming}
            strokes={1}
            keyName="Ctrl ↵"
            tone="reject"
            blocked={busy || none}
            onBlocked={() => undefined}
            onFire={reject}
          >
            {busy ? say('sending') : sayCount(chosen.length, 'batch_reject_one', 'batch_reject_many')}
          </ArmedButton>
        </footer>
      </>
    );
  }
  return (
    <footer class="two">
      <button
        type="button"
        class="reject"
        aria-disabled={busy || none}
        onClick={() => !busy && !none && onRejecting(true)}
      >
        {say('reject')} <kbd>R</kbd>
      </button>
      <ArmedButton
        arming={arming}
        strokes={2}
        keyName="A"
        tone="approve"
        blocked={blocked}
        onBlocked={clear}
        onFire={() => void send('approve', '')}
      >
        {approveLabel(batch, handle, toOpen.length)}
      </ArmedButton>
    </footer>
  );
}

function approveLabel(batch: Batch, { marks, sending }: BatchHandle, toOpen: number): string {
  if (sending === 'approve') return say('sending');
  if (marks.chosen.size === 0) return say('batch_choose_first');
  if (toOpen > 0) return sayCount(toOpen, 'batch_open_marked_one', 'batch_open_marked_many');
  const [sum, ...others] = chosenSums(batch, marks);
  // One sum can be named on a button; several stand in the head only.
  if (sum === undefined || others.length > 0)
    return sayCount(marks.chosen.size, 'batch_approve_one', 'batch_approve_many');
  return say('batch_approve_sum', marks.chosen.size, sumText(sum.total, sum.currency, language()));
}

function ReasonBox({ reason, onReason }: { reason: string; onReason: (reason: string) => void }) {
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  return (
    <label class="box batch-reason">
      <span>{say('reject_reason')}</span>
      <textarea
        ref={box}
        rows={2}
        maxLength={8_000}
        value={reason}
        placeholder={say('reject_reason_hint')}
        onInput={(event) => onReason(event.currentTarget.value)}
      />
    </label>
  );
}
