import type { Decide, JsonObject, RequestView } from '@countersign/shared/contracts';
import { confirmOf } from './friction.ts';

/** The approval of exactly what was displayed (law 6), with edited arguments where the reviewer changed some. */
export function approval(
  shown: RequestView,
  friction: RequestView['friction'],
  edited: JsonObject | undefined,
  reason: string,
  grant?: Decide['grant'],
): Decide {
  const confirm = confirmOf(friction, edited ?? shown.args);
  return {
    verdict: 'approve',
    seen: { version: shown.version, args_digest: shown.args_digest },
    ...(edited ? { args: edited } : {}),
    ...(confirm ? { confirm } : {}),
    ...(grant ? { grant } : {}),
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  };
}

/** The rejection of what was displayed. */
export function rejection(shown: RequestView, reason: string): Decide {
  return {
    verdict: 'reject',
    seen: { version: shown.version, args_digest: shown.args_digest },
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  };
}

/** This person's vote on the arguments at hand, if they gave one. It outlives a version that only lets more people decide. */
export function ownVerdict(
  request: RequestView,
  person: string,
): RequestView['verdicts'][number] | undefined {
  return request.verdicts.findLast(
    (verdict) => verdict.reviewer === person && verdict.args_digest === request.args_digest,
  );
}
