import type { RequestView } from '@countersign/shared/contracts';
import {
  type ConditionValue,
  coveredIn,
  fillIn,
  type Mask,
  pathOf,
  windowText,
} from '@countersign/shared/plain';
import { say } from '../words/say.ts';
import type { Looks } from './looks.ts';
import { Plain } from './Plain.tsx';

/** Why a person is asked: each rule that took part, its condition with the values it saw, its message. */
export function Why({ request, mask, looks }: { request: RequestView; mask: Mask; looks: Looks }) {
  const hits = request.why.filter((hit) => hit.effect !== 'allow');
  if (hits.length === 0) {
    return (
      <div class="why">
        {say('asked_because', request.rules.join(', ') || 'default')}
        {request.message && <p class="message">{request.message}</p>}
      </div>
    );
  }
  return (
    <div class="why">
      {hits.map((hit) => (
        <div key={`${hit.file ?? ''}/${hit.name}`}>
          <span>
            {say('asked_because_rule')} <b>{hit.name}</b>
          </span>
          {hit.when !== undefined && (
            <>
              {': '}
              <code>
                {fillIn(hit.when, hit.values).map((piece, i) =>
                  'text' in piece ? (
                    piece.text
                  ) : (
                    <span key={i}>
                      {piece.name} (
                      <b>
                        <Plain text={isCovered(piece, mask, looks) ? '••••••••' : piece.value} />
                      </b>
                      )
                    </span>
                  ),
                )}
              </code>
            </>
          )}
          {hit.error !== undefined && <p class="warning-line">{say('condition_failed', hit.error)}</p>}
          {hit.exceeded?.map((limit) => (
            <p key={limit.limit} class="warning-line">
              {limit.total === null
                ? say('limit_unread', limit.counts, limit.error ?? '')
                : say('limit_passed', limit.total, windowText(limit.window), limit.over, limit.counts)}
            </p>
          ))}
          {hit.message !== undefined && <p class="message">{hit.message}</p>}
        </div>
      ))}
    </div>
  );
}

/** Whether a value that a condition saw, or anything in it, is one that the card covers still. */
function isCovered({ of, at, raw }: ConditionValue, mask: Mask, looks: Looks): boolean {
  return coveredIn(mask, at, raw).some((place) => {
    const path = pathOf(place);
    return !looks.uncovered.has(of === 'context' ? `context ${path}` : path);
  });
}
