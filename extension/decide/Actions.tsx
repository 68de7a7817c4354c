import type { Decide, JsonObject, RequestView } from '@countersign/shared/contracts';
import { mainMoney, withArgs } from '@countersign/shared/plain';
import { serverNow } from '../api/clock.ts';
import { isRevocable } from '../attend/revocable.ts';
import type { Attend } from '../attend/use-attend.ts';
import { keyed } from '../surface/keyed.ts';
import { type KeyMap, useKeys } from '../surface/keys.ts';
import { go, type Step } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { language, say, sayCount } from '../words/say.ts';
import { Afterwards } from './Afterwards.tsx';
import { ArmedButton } from './ArmedButton.tsx';
import type { Obstacle } from './obstacle.ts';
import type { Session } from './session.ts';
import { useArming } from './use-arming.ts';

type Props = {
  request: RequestView;
  me: string;
  step: Step;
  /** What exactly is on the screen; see `arming.ts`. */
  face: string;
  /** The tier of what would be approved: an edit can raise it. */
  tier: RequestView['tier'];
  votable: boolean;
  open: boolean;
  session: Session;
  /** What an approval grants beside this call. */
  grant: Decide['grant'];
  attend: Attend;
  args: JsonObject;
  obstacle: Obstacle | null;
  editReady: boolean;
  drafted: boolean;
  onWhole: () => void;
  onStep: (step: Step) => void;
  onApprove: () => void;
  onReject: () => void;
  onLookAgain: () => void;
  onNext: (() => void) | undefined;
};

/** The row of buttons under a request, what they do by key, and what became of them. Buttons keep their places. */
export function Actions(props: Props) {
  const { request, step, face, votable, open, session, attend, obstacle, onStep } = props;
  const arming = useArming(face);
  const strokes = props.tier === 'high' || props.tier === 'critical' ? 2 : 1;
  const deciding = step === 'look' || step === 'check';
  const blocked = !open || obstacle !== null;
  const clear = () => {
    if (open && obstacle) showObstacle(obstacle, props.onWhole);
  };
  const editable = request.editable === null || request.editable.length > 0;

  const keys: KeyMap = {
    a: (repeat) => {
      if (repeat || !votable || !deciding) return;
      if (blocked) clear();
      else arming.press('a');
    },
    r: (repeat) => {
      if (repeat || step !== 'look') return;
      if (votable && open) onStep('reject');
      if (isRevocable(request, serverNow())) onStep('revoke');
    },
    q: (repeat) => {
      if (!repeat && request.status === 'pending' && step === 'look') onStep('ask');
    },
    c: (repeat) => {
      if (!repeat && request.status === 'pending' && step === 'look')
        void attend.claim(request.claim?.by === props.me);
    },
    e: (repeat) => {
      if (!repeat && votable && open && step === 'look' && editable) onStep('edit');
    },
    'Ctrl+Enter': (repeat) => {
      if (repeat || !votable || !open) return;
      if (step === 'edit' && props.editReady) onStep('check');
      if (step !== 'reject') return;
      // At the press, because a Mac tells nothing of keys that come up while ⌘ is down. A no runs nothing.
      arming.press('Ctrl+Enter');
      if (arming.release('Ctrl+Enter', 1)) props.onReject();
    },
    Escape: (repeat) => {
      if (repeat) return;
      if (step === 'look') go({ kind: 'queue' });
      else onStep(step === 'check' ? 'edit' : 'look');
    },
  };
  useKeys(keys, {
    a: () => {
      const fires = arming.release('a', strokes);
      if (fires && votable && deciding && !blocked) props.onApprove();
    },
  });

  return (
    <>
      <News {...props} />
      {!votable ? (
        <Afterwards {...props} />
      ) : step === 'look' ? (
        <footer class="three">
          <button
            type="button"
            class="reject"
            aria-disabled={!open}
            {...keyed('R')}
            onClick={() => open && onStep('reject')}
          >
            {say('reject')} <kbd>R</kbd>
          </button>
          <button
            type="button"
            aria-disabled={!open || !editable}
            {...keyed(
              'E',
              editable ? (props.drafted ? say('edit_drafted_title') : undefined) : say('nothing_editable'),
            )}
            onClick={() => open && editable && onStep('edit')}
          >
            {say(props.drafted ? 'edit_drafted' : 'edit')} <kbd>E</kbd>
          </button>
          <Approve {...props} arming={arming} strokes={strokes} blocked={blocked} onBlocked={clear} />
        </footer>
      ) : (
        <footer class="two">
          <button type="button" {...keyed('Esc')} onClick={() => onStep(step === 'check' ? 'edit' : 'look')}>
            {say('back')} <kbd>Esc</kbd>
          </button>
          {step === 'edit' && (
            <button
              type="button"
              class="primary"
              aria-disabled={!props.editReady || !open}
              {...keyed('Ctrl ↵')}
              onClick={() => props.editReady && open && onStep('check')}
            >
              {say('look_over')} <kbd>Ctrl ↵</kbd>
            </button>
          )}
          {step === 'check' && (
            <Approve {...props} arming={arming} strokes={strokes} blocked={blocked} onBlocked={clear} />
          )}
          {step === 'reject' && (
            <ArmedButton
              arming={arming}
              strokes={1}
              keyName="Ctrl ↵"
              tone="reject"
              blocked={!open}
              onBlocked={() => undefined}
              onFire={props.onReject}
            >
              {say(session.sending === 'reject' ? 'sending' : 'reject_send')}
            </ArmedButton>
          )}
        </footer>
      )}
    </>
  );
}

type ApproveProps = Props & {
  arming: ReturnType<typeof useArming>;
  strokes: 1 | 2;
  blocked: boolean;
  onBlocked: () => void;
};

function Approve({ arming, strokes, blocked, onBlocked, ...props }: ApproveProps) {
  return (
    <ArmedButton
      arming={arming}
      strokes={strokes}
      keyName="A"
      tone="approve"
      blocked={blocked}
      onBlocked={onBlocked}
      onFire={props.onApprove}
    >
      {approveLabel(props)}
    </ArmedButton>
  );
}

function approveLabel({ request, args, obstacle, session, grant }: Props): string {
  if (session.sending === 'approve') return say('sending');
  if (obstacle?.kind === 'confirm')
    return sayCount(obstacle.paths.length, 'confirm_first_one', 'confirm_first_many');
  if (obstacle?.kind === 'hidden') return say('show_all_first');
  if (grant) return sayCount(grant.calls, 'approve_and_one', 'approve_and_many');
  const money = mainMoney(withArgs(request, args), language());
  return money === undefined ? say('approve') : say('approve_value', money);
}

/** What the reviewer has to know before the next click: it changed, it failed. */
function News({ session, attend, onLookAgain }: Props) {
  if (session.newer) {
    return (
      <div class="news" role="alert">
        <span>{say(session.newer.status === 'pending' ? 'changed_look_again' : 'changed_and_decided')}</span>
        <button type="button" onClick={onLookAgain}>
          {say('look_again')}
        </button>
      </div>
    );
  }
  const trouble = session.trouble ?? attend.trouble;
  if (!trouble) return null;
  return (
    <div class="news failed" role="alert">
      <span>{troubleText(trouble)}</span>
    </div>
  );
}

function showObstacle(obstacle: Obstacle, onWhole: () => void): void {
  if (obstacle.kind === 'hidden') onWhole();
  if (obstacle.kind !== 'confirm') return;
  const [path] = obstacle.paths;
  const line = [...document.querySelectorAll<HTMLElement>('[data-confirm]')].find(
    (element) => element.dataset.confirm === path,
  );
  line?.scrollIntoView({ block: 'center' });
  line?.querySelector<HTMLElement>('input, button')?.focus();
}
