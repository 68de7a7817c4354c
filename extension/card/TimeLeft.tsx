import type { RequestView } from '@countersign/shared/contracts';
import { spanText } from '@countersign/shared/plain';
import { useNow } from '../surface/use-now.ts';
import { say } from '../words/say.ts';

/** Time left and, unless it is to be `brief`, what happens when it runs out. Silence is never consent. */
export function TimeLeft({ request, brief = false }: { request: RequestView; brief?: boolean }) {
  const now = useNow();
  if (request.status !== 'pending') return null;
  if (request.expires_at === null) return <span class="left">{say('no_deadline')}</span>;
  const left = Date.parse(request.expires_at) - now;
  const then = say(request.on_rejection === 'fail' ? 'then_fails' : 'then_continues');
  const text = brief ? say('time_left', spanText(left)) : say('time_left_then', spanText(left), then);
  return <span class={left < 60_000 ? 'left soon' : 'left'}>{left <= 0 ? say('time_over') : text}</span>;
}
