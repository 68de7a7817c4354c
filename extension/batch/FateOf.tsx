import { isHeld } from '../decide/held.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import type { Fate } from './marks.ts';

/** What became of a row, in a word or a sentence. */
export function FateOf({ fate, me }: { fate: Fate | undefined; me: string }) {
  if (fate === undefined) return null;
  if (fate.kind === 'refused')
    return (
      <span class="fate refused" role="status">
        {troubleText(fate.trouble)}
      </span>
    );
  const { request } = fate;
  if (request.status === 'pending') {
    const held = fate.kind === 'decided' && isHeld(request, me);
    return (
      <span class={`fate ${held ? 'approved' : ''}`} role="status">
        {say(fate.kind === 'gone' ? 'batch_changed' : held ? 'batch_held' : 'batch_waits')}
      </span>
    );
  }
  const by = fate.kind === 'gone' && request.decided_by !== undefined && request.decided_by !== me;
  return (
    <span class={`fate ${request.status}`} role="status">
      {by && (request.status === 'approved' || request.status === 'rejected')
        ? say(`status_${request.status}_by`, request.decided_by ?? '')
        : say(`status_${request.status}`)}
    </span>
  );
}
