import { ArmedButton } from '../decide/ArmedButton.tsx';
import { useArming } from '../decide/use-arming.ts';
import type { DraftHandle } from '../decide/use-draft.ts';
import { keyed } from '../surface/keyed.ts';
import { useKeys } from '../surface/keys.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import type { Attend } from './use-attend.ts';

type Props = {
  step: 'ask' | 'revoke';
  /** What exactly is on the screen; see `arming.ts`. */
  face: string;
  attend: Attend;
  draft: DraftHandle;
  onBack: () => void;
  onDone: () => void;
};

/** The buttons under a question or a revocation, in the places where the other buttons of a request stand. */
export function ErrandFooter({ step, face, attend, draft, onBack, onDone }: Props) {
  const arming = useArming(face);
  const { question, revoke_reason } = draft.draft;
  const blocked = attend.busy !== null || (step === 'ask' && question.trim() === '');
  const send = async () => {
    const done = await (step === 'ask' ? attend.ask(question) : attend.revoke(revoke_reason));
    if (!done) return;
    draft.update(step === 'ask' ? { question: '' } : { revoke_reason: '' });
    onDone();
  };
  useKeys({
    'Ctrl+Enter': (repeat) => {
      if (repeat || blocked) return;
      arming.press('Ctrl+Enter');
      if (arming.release('Ctrl+Enter', 1)) void send();
    },
    Escape: (repeat) => {
      if (!repeat) onBack();
    },
  });
  return (
    <>
      {attend.trouble && (
        <div class="news failed" role="alert">
          <span>{troubleText(attend.trouble)}</span>
        </div>
      )}
      <footer class="two">
        <button type="button" {...keyed('Esc')} onClick={onBack}>
          {say('back')} <kbd>Esc</kbd>
        </button>
        <ArmedButton
          arming={arming}
          strokes={1}
          keyName="Ctrl ↵"
          tone={step === 'ask' ? 'primary' : 'reject'}
          blocked={blocked}
          onBlocked={() => undefined}
          onFire={() => void send()}
        >
          {say(attend.busy !== null ? 'sending' : step === 'ask' ? 'ask_send' : 'revoke_send')}
        </ArmedButton>
      </footer>
    </>
  );
}
