import type { RequestView } from '@countersign/shared/contracts';
import { isRevocable } from '../attend/revocable.ts';
import type { Step } from '../surface/route.ts';

/**
 * Whether a link to this step of a request leads anywhere now. Pure.
 *
 * @param votable it takes this person's verdict
 * @param edited they have changed something
 * @param now milliseconds by the server's clock
 */
export function isPossible(
  step: Step,
  request: RequestView,
  votable: boolean,
  edited: boolean,
  now: number,
): boolean {
  if (step === 'ask') return request.status === 'pending';
  if (step === 'revoke') return isRevocable(request, now);
  return votable && (step !== 'check' || edited);
}
