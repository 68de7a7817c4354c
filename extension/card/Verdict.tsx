import type { RequestView } from '@countersign/shared/contracts';
import { lazily } from '../surface/lazily.tsx';
import { hashOf } from '../surface/route.ts';
import { language, say } from '../words/say.ts';
import { Plain } from './Plain.tsx';

const Ran = lazily(() => import('../reviews/Ran.tsx').then((part) => part.Ran));

/** What became of a request that is no longer open. */
export function Verdict({ request, me }: { request: RequestView; me: string }) {
  if (request.status === 'pending') return null;
  const people = (request.decided_by ?? '')
    .split(',')
    .map((who) => who.trim())
    .filter((who) => who !== '')
    .map((who) => (who === me ? say('you') : who));
  const by = people.join(', ');
  const edited = request.decision?.edited === true;
  return (
    <div class={`verdict ${request.status}`} role="status">
      <b>
        {request.grant_used
          ? say('status_granted_by', request.grant_used.by === me ? say('you') : request.grant_used.by)
          : by !== '' && (request.status === 'approved' || request.status === 'rejected')
            ? say(
                edited && request.status === 'approved' ? 'status_edited_by' : `status_${request.status}_by`,
                by,
              )
            : say(`status_${request.status}`)}
      </b>
      {request.decision?.reason && (
        <p>
          “<Plain text={request.decision.reason} />”
        </p>
      )}
      {request.revoked && <p>{say('revoked_by', request.revoked.by)}</p>}
      {request.granted && <Granted granted={request.granted} />}
      {request.review && <Ran request={request} review={request.review} />}
      {request.outcome && <p>{say(`outcome_${request.outcome.status}`)}</p>}
    </div>
  );
}

/** What its approval let through beside it, and where that can be ended. */
function Granted({ granted }: { granted: NonNullable<RequestView['granted']> }) {
  const until = new Date(granted.expires_at).toLocaleTimeString(language(), { timeStyle: 'short' });
  return (
    <p>
      {granted.calls === 1
        ? say('granted_until_one', until)
        : say('granted_until_many', granted.calls, until)}{' '}
      <a href={hashOf({ kind: 'grants' })}>{say('grants')}</a>
    </p>
  );
}
