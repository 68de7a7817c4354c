import type { RequestView } from '@countersign/shared/contracts';
import { serverNow } from '../api/clock.ts';
import { isRevocable } from '../attend/revocable.ts';
import { keyed } from '../surface/keyed.ts';
import { go, type Step } from '../surface/route.ts';
import { say } from '../words/say.ts';
import { isHeld } from './held.ts';
import { ownVerdict } from './verdict.ts';

type Props = {
  request: RequestView;
  me: string;
  onNext: (() => void) | undefined;
  onStep: (step: Step) => void;
};

/** Under a request that takes no verdict from this person any more. */
export function Afterwards({ request, me, onNext, onStep }: Props) {
  const own = ownVerdict(request, me);
  const waiting = request.status === 'pending' && own !== undefined;
  return (
    <footer class="three">
      <button
        type="button"
        {...keyed(onNext ? 'J' : 'Esc')}
        onClick={() => (onNext ? onNext() : go({ kind: 'queue' }))}
      >
        {say(onNext ? 'next' : 'to_queue')} <kbd>{onNext ? 'J' : 'Esc'}</kbd>
      </button>
      {/* Not where Approve stood a moment ago: a second click on that lands on nothing. */}
      {isRevocable(request, serverNow()) ? (
        <button type="button" class="reject" {...keyed('R')} onClick={() => onStep('revoke')}>
          {say('revoke')} <kbd>R</kbd>
        </button>
      ) : (
        <span />
      )}
      <span class="after" role="status">
        {waiting && say(isHeld(request, me) ? 'you_approved_held' : 'you_approved_waiting')}
      </span>
    </footer>
  );
}
