/** Reads an HTTP answer as every channel over HTTP does. */
import type { Answer } from '@countersign/shared/outbound';
import type { Outcome } from './channel.ts';

/**
 * 2xx is delivered; everything else is a failure that is tried again, redirects included, except where
 * its status says no for good.
 *
 * @param gone statuses by which this kind of peer says that the destination is no more
 * @param never statuses that trying again cannot change
 */
export function outcomeOf(
  answer: Answer,
  { gone, never = [] }: { gone: readonly number[]; never?: readonly number[] },
): Outcome {
  if (answer.kind === 'refused') return { kind: 'not_tried', code: answer.code };
  if (answer.kind === 'lost' || answer.kind === 'unreached') {
    const failed = { kind: 'failed', code: answer.code, retry: 'scheduled', gone: false } as const;
    return answer.kind === 'lost' ? failed : { ...failed, nothing_sent: true };
  }
  const { status, text, retry_after_ms } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered', status, response: text };
  const isGone = gone.includes(status);
  return {
    kind: 'failed',
    code: `http_${status}`,
    status,
    response: text,
    ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
    retry: isGone || never.includes(status) ? 'never' : 'scheduled',
    gone: isGone,
  };
}
