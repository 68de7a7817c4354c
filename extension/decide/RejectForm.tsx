import type { RequestView } from '@countersign/shared/contracts';
import { WordsForm } from '../attend/WordsForm.tsx';
import { Plain } from '../card/Plain.tsx';
import { reasonsItem } from '../keep/reasons.ts';
import { useStored } from '../keep/use-stored.ts';
import { keyed } from '../surface/keyed.ts';
import { say } from '../words/say.ts';
import { offeredReasons, reasonAt } from './reasons.ts';

const ready = [
  'reason_amount',
  'reason_recipient',
  'reason_not_needed',
  'reason_evidence',
  'reason_policy',
] as const;

type Props = {
  request: RequestView;
  reason: string;
  onReason: (reason: string) => void;
  /** Nobody is told: it is a card of practice. */
  practice?: boolean;
};

/** Why not: this person's latest reasons and a few ready ones, by number, or one's own words. */
export function RejectForm({ request, reason, onReason, practice = false }: Props) {
  const recent = useStored(reasonsItem);
  // Until the kept ones have been read nothing stands there: a number must not change its meaning under the finger.
  const offered =
    recent === undefined
      ? []
      : offeredReasons(
          recent,
          ready.map((phrase) => say(phrase)),
        );
  return (
    <WordsForm
      request={request}
      before={
        <ol class="chips reasons" aria-label={say('reasons')}>
          {offered.map((text, i) => (
            <li key={text}>
              <button
                type="button"
                class="chip"
                aria-pressed={text === reason}
                {...keyed(String(i + 1))}
                onClick={() => onReason(text)}
              >
                <kbd>{i + 1}</kbd> <Plain text={text} />
              </button>
            </li>
          ))}
          {recent !== undefined && recent.length > 0 && (
            <li>
              <button type="button" class="link" onClick={() => void reasonsItem.setValue([])}>
                {say('reasons_forget')}
              </button>
            </li>
          )}
        </ol>
      }
      label={say(practice ? 'drill_reason' : 'reject_reason')}
      hint={say('reject_reason_hint')}
      longest={8_000}
      words={reason}
      onWords={onReason}
      onKey={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
        const chosen = reasonAt(event.key, offered, reason);
        if (chosen === undefined) return;
        event.preventDefault();
        onReason(chosen);
      }}
      consequence={say(
        practice
          ? 'drill_bar_safe'
          : request.on_rejection === 'fail'
            ? 'rejected_fails'
            : 'rejected_continues',
      )}
    />
  );
}
