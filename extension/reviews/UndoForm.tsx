import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Plain } from '../card/Plain.tsx';
import { say } from '../words/say.ts';

type Props = {
  /** The tool that undoes it. */
  undo: string;
  /** Whether the agent gave an address at which it is told. */
  called: boolean;
  busy: boolean;
  onBack: () => void;
  onSend: (reason: string) => void;
};

/** Why it is to be undone, and what asking for that does: the agent is asked, and nothing is undone before it says so. */
export function UndoForm({ undo, called, busy, onBack, onSend }: Props) {
  const [reason, setReason] = useState('');
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  const ready = reason.trim() !== '' && !busy;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend(reason.trim());
      }}
    >
      <label class="box">
        <span>{say('review_undo_why')}</span>
        <textarea
          ref={box}
          rows={2}
          maxLength={8_000}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <p class="consequence">
        {say('review_undo_asks')} <Plain text={undo} />. {!called && say('review_undo_uncalled')}
      </p>
      <div class="say">
        <button type="button" onClick={onBack}>
          {say('back')}
        </button>
        <button type="submit" class="reject" aria-disabled={!ready}>
          {say('review_undo_send')}
        </button>
      </div>
    </form>
  );
}
