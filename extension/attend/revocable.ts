import type { RequestView } from '@countersign/shared/contracts';

/**
 * Whether there is an approval by people that has not run and may still: then it can be taken back. Pure.
 *
 * @param now milliseconds by the server's clock
 */
export function isRevocable(request: RequestView, now: number): boolean {
  return (
    request.status === 'approved' &&
    request.decided_by !== 'policy' &&
    request.revoked === undefined &&
    request.consumed_at === undefined &&
    request.valid_until !== undefined &&
    now < Date.parse(request.valid_until)
  );
}
