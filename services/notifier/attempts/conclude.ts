/** From how an attempt ended to what is recorded and what happens next. Pure. */
import { isAlertId } from '@countersign/shared/contracts';
import type { DeliveryAttempt } from '@countersign/shared/directory';
import type { EventBody } from '@countersign/shared/feed';
import type { Outcome } from '../channels/channel.ts';
import { responseOf } from '../record/delivery-log.ts';
import type { Settlement } from '../record/record.ts';
import { factsOf, isAlert, type Subject, tierOf } from '../record/subject.ts';
import type { DeliveryJob } from './queue.ts';
import { longestWait } from './schedule.ts';

/** What to do with the job. */
export type Result =
  /** The destination is where it should be, or there is nothing to bring it to. */
  | { next: 'finish'; why: string }
  /**
   * Another attempt for this destination and request comes first, or the destination may be told no sooner than in
   * so long, ms.
   * Not an attempt.
   */
  | { next: 'wait'; ms?: number }
  | { next: 'retry'; code: string; retry_after_ms?: number }
  | { next: 'give_up'; code: string };

/** One attempt, made. */
export type Made = {
  /** From 1. */
  number: number;
  /** Whether a failure is final. */
  last: boolean;
  /** When it ended, Redis time in ms. */
  at: number;
  latency_ms: number;
  outcome: Outcome;
  /** Strings to strike out of the peer's answer: peers echo what they are sent. */
  secrets: () => string[];
};

/** `gone`: the peer says that there is no such destination any more. */
export type Conclusion = { settlement: Settlement; result: Result; gone: boolean };

/** A line of the delivery log. */
export function attemptOf(
  job: DeliveryJob,
  number: number,
  at: number,
  outcome: DeliveryAttempt['outcome'],
): DeliveryAttempt {
  const { channel, id: destination, request_id, event_id, event_type } = job;
  const about = isAlertId(request_id) ? { alert_id: request_id } : { request_id };
  return { at, channel, destination, ...about, event_id, event_type, attempt: number, outcome };
}

function lineOf(job: DeliveryJob, made: Made, word: DeliveryAttempt['outcome']): DeliveryAttempt {
  const { outcome, number, at, latency_ms, secrets } = made;
  const line: DeliveryAttempt = { ...attemptOf(job, number, at, word), latency_ms };
  if (outcome.kind === 'not_needed') return line;
  if (outcome.kind !== 'delivered') line.code = outcome.code;
  if (outcome.kind === 'not_tried' || outcome.status === undefined) return line;
  line.status = outcome.status;
  if (outcome.response) line.response = responseOf(outcome.response, secrets());
  return line;
}

function noticeOf(
  type: 'notice.delivered' | 'notice.failed',
  job: DeliveryJob,
  subject: Subject,
  made: Made,
  more: Record<string, unknown>,
): EventBody {
  return {
    type,
    at: made.at,
    actor: { kind: 'system', id: 'notifier' },
    ...factsOf(subject),
    data: {
      ...(isAlert(subject) ? { alert: subject.id } : {}),
      channel: job.channel,
      destination: job.id,
      event: job.event_id,
      event_type: job.event_type,
      attempt: made.number,
      ...more,
    },
  };
}

/** A peer that names a time asks it for all that we send to it, and not for this one message. */
function holdOf(outcome: Outcome): Pick<Settlement, 'hold'> {
  const asked =
    outcome.kind === 'failed' && outcome.retry === 'scheduled' ? outcome.retry_after_ms : undefined;
  if (asked === undefined) return {};
  return {
    hold: { ms: Math.min(asked, longestWait.other), critical_ms: Math.min(asked, longestWait.critical) },
  };
}

/** Concludes an attempt about a request, or an alert, as it stood when it was sent. */
export function conclude(job: DeliveryJob, subject: Subject, made: Made): Conclusion {
  const { outcome, last } = made;
  if (outcome.kind === 'not_needed') {
    return {
      settlement: { result: 'delivered', nothing_sent: true },
      result: { next: 'finish', why: 'not_needed' },
      gone: false,
    };
  }
  if (outcome.kind === 'delivered') {
    const { keep } = outcome;
    const notice = noticeOf('notice.delivered', job, subject, made, {});
    return {
      settlement: {
        result: 'delivered',
        attempt: lineOf(job, made, 'delivered'),
        notice,
        ...(keep === undefined ? {} : { keep }),
      },
      result: { next: 'finish', why: 'delivered' },
      gone: false,
    };
  }
  const { code } = outcome;
  const hold = holdOf(outcome);
  const nothingSent = outcome.kind === 'not_tried' || outcome.nothing_sent === true;
  const keep = outcome.kind === 'failed' ? outcome.keep : undefined;
  const kept = {
    ...(nothingSent ? { nothing_sent: true as const } : {}),
    ...(keep === undefined ? {} : { keep }),
  };
  if (outcome.kind === 'failed' && outcome.retry === 'scheduled' && !last) {
    const { retry_after_ms: asked } = outcome;
    const longest = tierOf(subject) === 'critical' ? longestWait.critical : longestWait.other;
    const wait = asked === undefined ? undefined : Math.min(asked, longest);
    return {
      settlement: { result: 'failed', attempt: lineOf(job, made, 'failed'), ...kept, ...hold },
      result: { next: 'retry', code, ...(wait === undefined ? {} : { retry_after_ms: wait }) },
      gone: false,
    };
  }
  const gone = outcome.kind === 'failed' && outcome.gone;
  const word = outcome.kind === 'failed' ? 'gave_up' : 'not_tried';
  const notice = noticeOf('notice.failed', job, subject, made, { code, ...(gone ? { disabled: true } : {}) });
  return {
    settlement: { result: 'dropped', attempt: lineOf(job, made, word), notice, ...kept, ...hold },
    result: { next: 'give_up', code },
    gone,
  };
}
