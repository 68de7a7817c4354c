import type { RequestView } from '@countersign/shared/contracts';
import { keyed } from '../surface/keyed.ts';
import { language, say } from '../words/say.ts';
import { nextStepText } from './next-step.ts';
import type { Attend } from './use-attend.ts';

type Props = {
  request: RequestView;
  me: string;
  attend: Attend;
  onAsk: () => void;
};

/** One line that never changes its height: who is on it, who has looked, who is next, and what one can do beside deciding. */
export function Attendance({ request, me, attend, onAsk }: Props) {
  const open = request.status === 'pending';
  const text = whoText(request, me);
  if (!open && text === '') return null;
  const holder = request.claim?.by;
  const taken = holder !== undefined && holder !== me;
  return (
    <div class="attendance">
      <span class="who" role="status" title={text}>
        {text}
      </span>
      {open && (
        <>
          <button
            type="button"
            class="link"
            aria-pressed={holder === me}
            aria-disabled={taken || attend.busy !== null}
            {...keyed('C', taken ? say('claim_taken', holder) : say('claim_hint'))}
            onClick={() => {
              if (!taken) void attend.claim(holder === me);
            }}
          >
            {say(holder === me ? 'claim_release' : 'claim')} <kbd>C</kbd>
          </button>
          <button type="button" class="link" {...keyed('Q', say('ask_hint'))} onClick={onAsk}>
            {say('ask')} <kbd>Q</kbd>
          </button>
        </>
      )}
    </div>
  );
}

/** Who is on it, who else has looked, and whom the ladder tells next. */
function whoText(request: RequestView, me: string): string {
  const { claim, viewed_by } = request;
  const others = viewed_by.filter((who) => who !== me && who !== claim?.by);
  const parts: string[] = [];
  if (claim !== undefined) {
    const until = new Date(claim.until).toLocaleTimeString(language(), { timeStyle: 'short' });
    parts.push(claim.by === me ? say('claimed_by_you', until) : say('claimed', claim.by));
  }
  if (others.length > 0) parts.push(say('looked', others.join(', ')));
  const next = nextStepText(request);
  if (next !== '') parts.push(next);
  return parts.join(' · ');
}
