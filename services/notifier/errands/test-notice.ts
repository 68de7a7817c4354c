/** A notice that says it is a test, by the very channel that real ones take; for whoever has just set it up. */
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { type Payload, type RequestRecord, viewOf } from '@countersign/shared/request';
import { conclude } from '../attempts/conclude.ts';
import { containing, type Deliverer } from '../attempts/deliver.ts';
import { type DeliveryJob, nameOf } from '../attempts/queue.ts';
import type { Notice } from '../channels/channel.ts';
import { logAttempt } from '../record/delivery-log.ts';

/** Kinds on which a test puts something up that somebody would have to take down. */
const leavesOpen: ReadonlySet<string> = new Set(['pagerduty']);

/** A request that nobody made: it is in no queue, and nothing can run by it. */
function sampleOf(workspace: string, id: string, now: number): { record: RequestRecord; payload: Payload } {
  const words = 'This is a test of Countersign. Nothing waits and nobody has to decide anything.';
  const record: RequestRecord = {
    id,
    workspace,
    agent: 'countersign',
    tool: 'countersign.test',
    key_id: 'none',
    owner: 'countersign',
    context_trusted: true,
    status: 'pending',
    revision: 1,
    version: 1,
    payload_version: 1,
    args_digest: 'none',
    proposed_digest: 'none',
    terms: {
      tier: 'low',
      requirements: [],
      hold_ms: 0,
      on_rejection: 'continue',
      editable: null,
      friction: { kind: 'none', paths: [] },
    },
    rules: [],
    messages: [words],
    channels: [],
    escalate: [],
    tool_facts: {},
    policy_digests: [],
    created_at: now,
    expires_at: now + 60_000,
    valid_for_ms: 0,
    verdicts: [],
    viewed_by: [],
    freeze_epoch: 0,
    warnings: [],
  };
  return { record, payload: { args: { test: true }, salt: '', why: [], said: { reason: words } } };
}

/**
 * Sends it once and writes what came of it to the delivery log, where whoever asked looks for its event. An incident
 * that it opened is closed at once.
 *
 * @param eventId the wish's place in the feed
 */
export async function sendTest(
  { redis, channels, metrics, logger }: Deliverer,
  workspace: string,
  eventId: string,
  destinationId: string,
): Promise<void> {
  const keys = workspaceKeys(workspace);
  const [stored, clock] = await Promise.all([redis.hget(keys.destinations, destinationId), redis.time()]);
  if (stored === null) return;
  const { kind: channel } = JSON.parse(stored) as DestinationRecord;
  const now = Number(clock[0]) * 1_000 + Math.floor(Number(clock[1]) / 1_000);
  const { record, payload } = sampleOf(workspace, `test_${eventId}`, now);
  const job: DeliveryJob = {
    workspace,
    channel,
    id: destinationId,
    request_id: record.id,
    event_id: eventId,
    event_type: 'destination.test',
  };
  const log = () => logger.child(job);
  const aimed = await channels[channel]({ workspace, id: destinationId, request: record });
  const noticeOf = (shown: RequestRecord): Notice => ({
    id: `${workspace}_${eventId}_${channel}-${destinationId}`,
    type: job.event_type,
    timestamp: new Date(now).toISOString(),
    request: viewOf(shown, { first: payload, current: payload }, () => undefined),
  });
  const attempt = { number: 1, now, tried: false, kept: undefined };
  const begun = performance.now();
  const held = Number(await redis.hget(keys.pace(nameOf(job).destination), 'held'));
  const outcome = !aimed.found
    ? ({ kind: 'not_tried', code: aimed.why } as const)
    : held > now
      ? ({ kind: 'not_tried', code: 'held_back' } as const)
      : await containing(log, () => aimed.deliver(noticeOf(record), attempt));
  const latency_ms = Math.round(performance.now() - begun);
  const secrets = aimed.found ? aimed.secrets : [];
  const made = { number: 1, last: true, at: now + latency_ms, latency_ms, outcome, secrets };
  const { settlement } = conclude(job, record, made);
  if (settlement.attempt !== undefined) {
    metrics.attempted(channel, settlement.attempt.outcome, latency_ms);
    await logAttempt(redis, workspace, settlement.attempt);
  }
  if (aimed.found && outcome.kind === 'delivered' && leavesOpen.has(channel)) {
    const over: RequestRecord = { ...record, status: 'cancelled', decided_at: now, revision: 2 };
    await containing(log, () =>
      aimed.deliver(noticeOf(over), { ...attempt, number: 2, tried: true, kept: outcome.keep }),
    );
  }
}
