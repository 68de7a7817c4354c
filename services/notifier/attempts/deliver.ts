/**
 * One attempt to bring a destination to a request's, or an alert's, current state. Three outcomes are kept apart: nothing could be
 * tried, it was tried and failed, and it was delivered though this process may not live to record it; then the next
 * attempt carries the same id, and the receiver knows it.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Attempt, Outcome } from '../channels/channel.ts';
import type { Channels } from '../channels/index.ts';
import type { Settings } from '../channels/settings.ts';
import type { DirectoryReader } from '../dispatch/directory.ts';
import type { Metrics } from '../metrics.ts';
import { logAttempt } from '../record/delivery-log.ts';
import { claim, type Settlement, settle } from '../record/record.ts';
import { tierOf } from '../record/subject.ts';
import { attemptOf, conclude, type Result } from './conclude.ts';
import { noteFailure } from './failing.ts';
import { pause, stepOut } from './pace.ts';
import { type DeliveryJob, nameOf } from './queue.ts';
import { saidIn } from './said.ts';

export type Deliverer = {
  redis: Redis;
  directory: DirectoryReader;
  channels: Channels;
  settings: Settings;
  metrics: Metrics;
  logger: Logger;
  /** Longer than an attempt can take, ms. */
  leaseMs: number;
};

type Bug = Extract<Outcome, { kind: 'failed' }>;

/** With a number it names an attempt and no other. */
const thisProcess = randomBytes(12).toString('hex');
let attemptsMade = 0;

/**
 * Makes one attempt. Idempotent: what has been delivered is not delivered again, and two attempts for the same
 * destination and request never overlap. Rejects only when Redis refuses to be read or written.
 *
 * @param number the attempt's, from 1
 * @param last whether a failure is final
 */
export async function deliver(
  { redis, directory, channels, settings, metrics, logger, leaseMs }: Deliverer,
  job: DeliveryJob,
  number: number,
  last: boolean,
): Promise<Result> {
  const name = nameOf(job);
  const holder = `${thisProcess}-${attemptsMade++}`;
  const asked = performance.now();
  const turn = await claim(redis, name, holder, leaseMs);
  if (turn.turn === 'busy') return { next: 'wait' };
  if (turn.turn === 'held') return { next: 'wait', ms: turn.until - turn.now };
  if (turn.turn !== 'go') {
    if (turn.turn === 'done') await stepOut(redis, job);
    return { next: 'finish', why: turn.turn };
  }

  const log = () => logger.child({ ...job, attempt: number });
  const end = (settlement: Settlement) => settle(redis, name, holder, settlement);
  if (turn.interrupted) {
    metrics.attempted(job.channel, 'unrecorded');
    log().warn(
      'an earlier attempt never recorded its end: what it may have delivered is sent again, with the same id',
    );
    await logAttempt(redis, job.workspace, attemptOf(job, number, turn.now, 'unrecorded'));
  }

  const said = await saidIn(redis, job, turn.stored, settings);
  if (typeof said === 'string') {
    await Promise.all([end({ result: 'dropped', nothing_sent: true }), stepOut(redis, job)]);
    return { next: 'finish', why: said };
  }
  const [{ groupsOf }, aimed] = await Promise.all([
    directory.directory(job.workspace, turn.versions),
    channels[job.channel](said.addressFor(turn.destination)),
  ]);
  if (!aimed.found) {
    const attempt = { ...attemptOf(job, number, turn.now, 'not_tried'), code: aimed.why };
    if (!aimed.quiet) log().warn({ why: aimed.why }, 'nothing was sent');
    await Promise.all([
      end({ result: 'dropped', nothing_sent: true, ...(aimed.quiet ? {} : { attempt }) }),
      stepOut(redis, job),
    ]);
    return { next: 'finish', why: aimed.why };
  }

  // This process, or Redis, was slow: before an attempt ended the turn could be another's, and say what is no longer so.
  const isLate = () => performance.now() - asked > leaseMs / 3;
  const comeAgain = async (): Promise<Result> => {
    await end({ result: 'failed', nothing_sent: true });
    return { next: 'wait' };
  };
  // A moment that is not used is lost to the others.
  if (isLate()) return comeAgain();

  const ready = await containing(log, () => {
    const { now, tried, kept } = turn;
    const attempt: Attempt = { number, now, tried, kept, ...(job.replay ? { replay: true as const } : {}) };
    return { kind: 'ready' as const, ...said.ready(aimed, attempt, groupsOf) };
  });
  if (ready.kind === 'ready' && ready.sends) {
    let wait: number | undefined;
    try {
      wait = await pause(redis, { ...job, tier: tierOf(said.subject) });
    } catch (error) {
      // Nobody knows whose moment it is, and nothing was sent: no attempt. Where Redis is away the lease ends by itself.
      log().warn({ err: error }, 'Redis did not say whether the destination takes it now');
      await end({ result: 'waits', nothing_sent: true }).catch(() => false);
      return { next: 'wait' };
    }
    if (wait > 0) {
      await end({ result: 'waits', nothing_sent: true });
      return { next: 'wait', ms: wait };
    }
  }

  if (isLate()) return comeAgain();

  const begun = performance.now();
  const outcome = ready.kind === 'ready' ? await containing(log, ready.deliver) : ready;
  if (ready.kind === 'ready' && !ready.sends) await stepOut(redis, job);
  const latency_ms = Math.round(performance.now() - begun);
  const at = turn.now + latency_ms;
  const made = { number, last, at, latency_ms, outcome, secrets: aimed.secrets };
  const { settlement, result, gone } = conclude(job, said.subject, made);

  if (settlement.attempt !== undefined) {
    const { outcome: word, code } = settlement.attempt;
    metrics.attempted(job.channel, word, latency_ms);
    // What went well is in the delivery log and the metrics.
    const level = result.next === 'finish' ? 'debug' : result.next === 'give_up' ? 'warn' : 'info';
    if (logger.isLevelEnabled(level)) log()[level]({ outcome: word, code, latency_ms }, 'attempted');
  }
  if (gone) {
    await aimed.retire(at);
    metrics.disabled(job.channel);
  }
  // In one breath: neither waits for the other.
  const [disabled] = await Promise.all([
    outcome.kind === 'failed' && noteFailure(redis, job, outcome.code),
    end(settlement),
  ]);
  if (disabled) {
    metrics.disabled(job.channel);
    log().warn('nothing has arrived for days: the destination is disabled');
  }
  return result;
}

/** What throws here is a bug: it must not leave the turn taken, and the schedule bounds it. */
export async function containing<Done>(
  log: () => Logger,
  attempt: () => Promise<Done> | Done,
): Promise<Done | Bug> {
  try {
    return await attempt();
  } catch (error) {
    log().error({ err: error }, 'the attempt threw');
    return { kind: 'failed', code: 'internal_error', retry: 'scheduled', gone: false };
  }
}
