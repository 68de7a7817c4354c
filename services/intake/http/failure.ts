/** What was thrown, as the problem that the caller is told. */
import { type Problem, problem } from '@countersign/shared/contracts';
import { isOutage } from '@countersign/shared/http';
import type { Logger } from 'pino';
import { ContinuityUnknown } from '../continuity/continuity.ts';
import { SigningUnavailable } from '../signing/stored-ring.ts';
import { PolicyUnavailable } from '../workspace/workspaces.ts';

/** Logs a failure and says it in words that give nothing away. Nothing was allowed, whatever it was. */
export function problemOf(error: unknown, path: string, logger: Logger): Problem {
  if (error instanceof Error && isOutage(error)) {
    logger.warn({ err: error, path }, 'the store is away');
    const detail =
      'The store cannot be reached, so nothing may run. Try again, with the same Idempotency-Key.';
    return problem('unavailable', detail);
  }
  if (error instanceof PolicyUnavailable) {
    logger.error({ err: error }, 'no policy to judge by');
    return problem('not_ready', 'This process cannot read the active policy. Ask another, or try again.');
  }
  if (error instanceof SigningUnavailable) {
    logger.error({ err: error }, 'no keys to verify tokens with');
    const detail =
      'The signing keys are not to be had, so nothing may run. See `countersign keys signing list`.';
    return problem('not_ready', detail);
  }
  if (error instanceof ContinuityUnknown) {
    logger.error({ err: error }, 'not known whether Redis has lost anything');
    return problem('not_ready', 'It cannot be told whether the store has lost anything, so nothing may run.');
  }
  logger.error({ err: error, path }, 'unexpected failure');
  return problem('internal', 'Something went wrong on our side, and is in the log. Nothing was allowed.');
}
