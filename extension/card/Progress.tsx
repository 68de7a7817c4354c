import type { RequestView } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';
import { Plain } from './Plain.tsx';

/** How far the quorum is, and who has voted. Nothing where one person's word is enough and nobody has spoken. */
export function Progress({ request, me }: { request: RequestView; me: string }) {
  const { needed, given, requirements } = request.progress;
  const verdicts = request.verdicts.filter((verdict) => verdict.args_digest === request.args_digest);
  if (needed <= 1 && verdicts.length === 0) return null;
  const wanted = requirements
    .filter((requirement) => !requirement.met)
    .flatMap((requirement) => requirement.slots)
    .flatMap((slot) => (slot.from ? [say('quorum_slot', slot.need, slot.from.join(', '))] : []));
  return (
    <div class="progress">
      {needed > 1 && (
        <p>
          <b>{say('quorum', given, needed)}</b>
          {wanted.length > 0 && <> · {[...new Set(wanted)].join(' · ')}</>}
        </p>
      )}
      {verdicts.map((verdict) => (
        <p key={`${verdict.reviewer}${verdict.at}`}>
          {say(
            verdict.verdict === 'reject' ? 'voted_reject' : verdict.edited ? 'voted_edited' : 'voted_approve',
            verdict.reviewer === me ? say('you') : verdict.reviewer,
          )}
          {verdict.reason && (
            <>
              {' '}
              “<Plain text={verdict.reason} />”
            </>
          )}
        </p>
      ))}
    </div>
  );
}
