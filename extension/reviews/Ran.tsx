import type { RequestView } from '@countersign/shared/contracts';
import { Plain } from '../card/Plain.tsx';
import { hashOf, readPlace } from '../surface/route.ts';
import { language, say } from '../words/say.ts';

type RanProps = { request: RequestView; review: NonNullable<RequestView['review']> };

/** It ran before anyone looked: what can still be done about it, or what somebody said of it. */
export function Ran({
  request: { status, consumed_at },
  review: { until, undo, by, reason, overdue },
}: RanProps) {
  const at = new Date(until).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <>
      {status === 'running' && consumed_at !== undefined && (
        <p>
          {say(undo === null ? 'ran_until_only' : 'ran_until', at)}{' '}
          {readPlace(location.hash).kind !== 'reviews' && (
            <a href={hashOf({ kind: 'reviews' })}>{say('ran_look')}</a>
          )}
        </p>
      )}
      {by !== undefined && reason && (
        <p>
          {by}: “<Plain text={reason} />”
        </p>
      )}
      {status === 'undo_requested' && overdue && <p>{say('ran_overdue')}</p>}
    </>
  );
}
