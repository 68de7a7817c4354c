import type { EditPreview, RequestView } from '@countersign/shared/contracts';
import type { Answer } from '../api/trouble.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say, sayCount } from '../words/say.ts';

/** What policy says about an edit. The place stays the same size, so that nothing moves when the answer comes. */
export function PolicyWord({
  preview,
  request,
}: {
  preview: Answer<EditPreview> | null;
  request: RequestView;
}) {
  return (
    <div class={isRefused(preview) ? 'fact warn' : 'fact'} aria-live="polite">
      <span>{say('policy_on_edit')}</span>
      <b>{word(preview, request)}</b>
    </div>
  );
}

/** Whether policy, or the call's schema, refuses the edit. */
export function isRefused(preview: Answer<EditPreview> | null): boolean {
  return preview?.ok === true && !preview.value.ok;
}

function word(preview: Answer<EditPreview> | null, request: RequestView): string {
  if (preview === null) return say('policy_asking');
  if (!preview.ok) return troubleText(preview.trouble);
  const { ok, detail, tier, raised, needed, messages } = preview.value;
  if (!ok) return detail ?? messages.join(' ') ?? say('policy_refuses');
  const approvals = sayCount(needed, 'approvals_one', 'approvals_many');
  const name = say(`tier_${tier}`).toLowerCase();
  return `${say(raised || tier !== request.tier ? 'policy_raises' : 'policy_keeps', name)}, ${approvals}`;
}
