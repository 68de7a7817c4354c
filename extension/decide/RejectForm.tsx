import type { RequestView } from '@countersign/shared/contracts';
import { useEffect, useRef } from 'preact/hooks';
import { Tier } from '../card/Tier.tsx';
import { TimeLeft } from '../card/TimeLeft.tsx';
import { Title } from '../card/Title.tsx';
import { titleOf } from '../card/title.ts';
import { language, say } from '../words/say.ts';

const ready = [
  'reason_amount',
  'reason_recipient',
  'reason_not_needed',
  'reason_evidence',
  'reason_policy',
] as const;

/** Why not: a few ready reasons that guide the agent, or one's own words. */
export function RejectForm({
  request,
  reason,
  onReason,
}: {
  request: RequestView;
  reason: string;
  onReason: (reason: string) => void;
}) {
  // Typing can begin at once; nothing that decides ever gets the focus by itself.
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <article class={`card ${request.tier}`} aria-labelledby="card-title">
      <div class="meta">
        <Tier tier={request.tier} />
        <TimeLeft request={request} />
      </div>
      <h1 id="card-title">
        <Title segments={titleOf(request, language())} />
      </h1>
      <div class="chips">
        {ready.map((phrase) => {
          const text = say(phrase);
          return (
            <button key={phrase} type="button" class="chip" onClick={() => onReason(text)}>
              {text}
            </button>
          );
        })}
      </div>
      <label class="box">
        <span>{say('reject_reason')}</span>
        <textarea
          ref={box}
          rows={4}
          maxLength={8_000}
          value={reason}
          placeholder={say('reject_reason_hint')}
          onInput={(event) => onReason(event.currentTarget.value)}
        />
      </label>
      <p class="consequence">
        {say(request.on_rejection === 'fail' ? 'rejected_fails' : 'rejected_continues')}
      </p>
    </article>
  );
}
