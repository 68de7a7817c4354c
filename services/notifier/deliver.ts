/**
 * One attempt to bring a destination to a request's current state. Three outcomes are kept apart: nothing could be
 * tried, it was tried and failed, and it was delivered though this process may not live to record it; then the next
 * attempt carries the same id, and the receiver knows it.
 */
import { randomBytes } from 'node:crypto';
import type { DeliveryAttempt } from '@countersign/shared/directory';
import type { EventBody } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { type RequestRecord, viewOf } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Attempt, Notice, Outcome } from './channels/channel.ts';
import type { Aimed, Channels } from './channels/index.ts';
import type { DirectoryReader } from './directory.ts';
import { loadRequest } from './load.ts';
import type { Metrics } from './metrics.ts';
import { type DeliveryJob, jobIdOf, nameOf } from './queue.ts';
import { claim, type Settlement, settle } from './record/record.ts';

export type Deliverer = {
  redis: Redis;
  directory: DirectoryReader;
  channels: Channels;
  metrics: Metrics;
  logger: Logger;
  /** Longer than an attempt can take, ms. */
  leaseMs: number;
};

/** What to do with the job. */
export type Result =
  /** The destination is where it should be, or there is nothing to bring it to. */
  | { next: 'finish'; why: string }
  /** Another attempt for this destination and request comes first. Not an attempt. */
  | { next: 'wait' }
  | { next: 'retry'; code: string; retry_after_ms?: number }
  | { next: 'give_up'; code: string };

/** Peers echo what they are sent: credentials are struck out before an answer is kept. */
function redacted(text: string | undefined, secrets: string[]): string | undefined {
  return secrets.reduce(
    (kept, secret) => (secret === '' ? kept : kept?.replaceAll(secret, '[redacted]')),
    text,
  );
}

function attemptOf(
  job: DeliveryJob,
  number: number,
  at: number,
  outcome: DeliveryAttempt['outcome'],
): DeliveryAttempt {
  const { channel, id: destination, request_id, event_id, event_type } = job;
  return { at, channel, destination, request_id, event_id, event_type, attempt: number, outcome };
}

function noticeEvent(
  type: 'notice.delivered' | 'notice.failed',
  job: DeliveryJob,
  record: RequestRecord,
  at: number,
  data: Record<string, unknown>,
): EventBody {
  const { id: request_id, agent, tool, status, revision, version } = record;
  const about = {
    channel: job.channel,
    destination: job.id,
    event: job.event_id,
    event_type: job.event_type,
  };
  const actor = { kind: 'system', id: 'notifier' } as const;
  const facts = { request_id, agent, tool, tier: record.terms.tier, status, revision, version };
  return { type, at, actor, ...facts, data: { ...about, ...data } };
}

/** When an event happened, from its place in the feed. */
const timeOf = (eventId: string): string => new Date(Number(eventId.split('-')[0])).toISOString();

/**
 * Makes one attempt. Idempotent: what has been delivered is not delivered again, and two attempts for the same
 * destination and request never overlap.
 *
 * @param number the attempt's, from 1
 * @param last whether a failure is final
 */
export async function deliver(
  deliverer: Deliverer,
  job: DeliveryJob,
  number: number,
  last: boolean,
): Promise<Result> {
  const { redis, directory, channels, metrics, logger, leaseMs } = deliverer;
  const name = nameOf(job);
  const holder = randomBytes(12).toString('hex');
  const turn = await claim(redis, name, holder, leaseMs);
  if (turn.turn === 'busy') return { next: 'wait' };
  if (turn.turn !== 'go') return { next: 'finish', why: turn.turn };

  const log = logger.child({ ...job, attempt: number });
  const end = (settlement: Settlement) => settle(redis, name, holder, settlement);
  if (turn.interrupted) {
    metrics.attempted(job.channel, 'unrecorded');
    log.warn(
      'an earlier attempt never recorded its end: it may have been delivered, and is made again with the same id',
    );
    const line = JSON.stringify(attemptOf(job, number, turn.now, 'unrecorded'));
    await redis.xadd(workspaceKeys(job.workspace).deliveryLog, '*', 'attempt', line);
  }

  const loaded = await loadRequest(redis, job.workspace, job.request_id);
  if (loaded === undefined) {
    await end({ result: 'dropped' });
    return { next: 'finish', why: 'request_gone' };
  }
  const { record, payloads } = loaded;
  const aimed = await channels[job.channel]({ workspace: job.workspace, id: job.id, request: record });
  if (!aimed.found) {
    const attempt = { ...attemptOf(job, number, turn.now, 'not_tried'), code: aimed.why };
    if (!aimed.quiet) log.warn({ why: aimed.why }, 'nothing was sent');
    await end(aimed.quiet ? { result: 'dropped' } : { result: 'dropped', attempt });
    return { next: 'finish', why: aimed.why };
  }

  const { groupsOf } = await directory.directory(job.workspace);
  const notice: Notice = {
    id: jobIdOf(job),
    type: job.event_type,
    timestamp: timeOf(job.event_id),
    request: viewOf(record, payloads, groupsOf),
  };
  const begun = performance.now();
  const outcome = await attemptSafely(aimed, notice, { number, now: turn.now }, log);
  const latency = Math.round(performance.now() - begun);
  const at = turn.now + latency;
  const final =
    outcome.kind === 'not_tried' || (outcome.kind === 'failed' && (last || outcome.retry === 'never'));
  const word = final && outcome.kind === 'failed' ? 'gave_up' : outcome.kind;
  metrics.attempted(job.channel, word, latency);

  const attempt: DeliveryAttempt = { ...attemptOf(job, number, at, word), latency_ms: latency };
  if (outcome.kind !== 'delivered') attempt.code = outcome.code;
  if (outcome.kind !== 'not_tried' && outcome.status !== undefined) {
    attempt.status = outcome.status;
    const response = redacted(outcome.response, aimed.secrets);
    if (response) attempt.response = response;
  }

  if (outcome.kind === 'delivered') {
    await end({
      result: 'delivered',
      attempt,
      notice: noticeEvent('notice.delivered', job, record, at, { attempt: number }),
    });
    log.debug({ latency, status: outcome.status }, 'delivered');
    return { next: 'finish', why: 'delivered' };
  }
  if (!final) {
    await end({ result: 'failed', attempt });
    log.info({ latency, code: outcome.code }, 'failed, to be tried again');
    const { retry_after_ms } = outcome.kind === 'failed' ? outcome : {};
    return { next: 'retry', code: outcome.code, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) };
  }
  const gone = outcome.kind === 'failed' && outcome.gone;
  if (gone) await aimed.retire(at);
  const data = { attempt: number, code: outcome.code, ...(gone ? { disabled: true } : {}) };
  await end({ result: 'dropped', attempt, notice: noticeEvent('notice.failed', job, record, at, data) });
  log.warn({ latency, code: outcome.code, gone }, 'given up');
  return { next: 'give_up', code: outcome.code };
}

/** A channel that throws has a bug: that must not end the delivery, and the schedule bounds it. */
async function attemptSafely(
  aimed: Extract<Aimed, { found: true }>,
  notice: Notice,
  attempt: Attempt,
  log: Logger,
): Promise<Outcome> {
  try {
    return await aimed.deliver(notice, attempt);
  } catch (error) {
    log.error({ err: error }, 'the channel threw');
    return { kind: 'failed', code: 'internal_error', retry: 'scheduled', gone: false };
  }
}
