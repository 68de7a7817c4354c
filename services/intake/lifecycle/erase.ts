/** What people and agents wrote is taken from a request. What became of it stays. */
import { problem } from '@countersign/shared/contracts';
import { isTerminal, type RequestRecord, type ReviewRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { eventOf, person } from './event.ts';

/** The record without reasons that somebody wrote, and without hashes of what may be personal. Policy's own words are about nobody. */
function withoutReasons({ decision_reason, shares: _hashed, ...record }: RequestRecord): RequestRecord {
  const { revoked, verdicts, review } = record;
  return {
    ...record,
    ...(decision_reason !== undefined && record.decided_by === 'policy' ? { decision_reason } : {}),
    ...(revoked === undefined ? {} : { revoked: { by: revoked.by, at: revoked.at } }),
    ...(review === undefined ? {} : { review: silent(review) }),
    verdicts: verdicts.map(({ reason: _, ...verdict }) => verdict),
  };
}

function silent({ reason: _, ...review }: ReviewRecord): ReviewRecord {
  return review;
}

/** Erases, once it has been decided. Again is on record again, and changes nothing that can be seen. */
export function erase(
  request: RequestRecord,
  { admin }: Extract<Command, { kind: 'erase' }>,
  world: World,
): Decision {
  if (!isTerminal(request.status)) {
    const detail = 'Nobody could judge it without its texts. Decide or cancel it, and erase it then.';
    return { request, events: [], refusal: problem('still_pending', detail) };
  }
  const next = withoutReasons(request);
  return { request: next, events: [eventOf(next, 'payload.erased', person(admin), world.now)] };
}
