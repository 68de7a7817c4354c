/** A notice that says it is a test, by the very channel that real ones take; for whoever has just set it up. */
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { type Payload, type RequestRecord, viewOf } from '@countersign/shared/request';
import { conclude } from '../attempts/conclude.ts';
import { containing, type Deliverer } from '../attempts/deliver.ts';
import { type DeliveryJob, jobIdOf, nameOf } from '../attempts/queue.ts';
import type { ChannelName, Notice } from '../channels/channel.ts';
import { redisNow } from '../clock.ts';
import { logAttempt } from '../record/delivery-log.ts';
import { claim, keptOf, settle } from '../record/record.ts';

/** Kinds on which a test puts something up that somebody would have to take down, and that keep how. */
const leavesOpen = ['pagerduty'] as const;

type Sample = { record: RequestRecord; payload: Payload };

/** A request that nobody made: it is in no queue, and nothing can run by it. */
function sampleOf(workspace: string, id: string, now: number): Sample {
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

const requestOf = (eventId: string): string => `test_${eventId}`;

/**
 * Sends it once and writes what came of it to the delivery log, where whoever asked looks for its event. What it put up
 * is taken down at once; where that fails this throws, and does no more than that when it is called again.
 *
 * @param eventId the wish's place in the feed
 * @param last whether nobody will call again
 */
export async function sendTest(
  deliverer: Deliverer,
  workspace: string,
  eventId: string,
  destinationId: string,
  last: boolean,
): Promise<void> {
  const stored = await deliverer.redis.hget(workspaceKeys(workspace).destinations, destinationId);
  // Deleted since: then there is still what an earlier call may have put up.
  const kind = stored === null ? undefined : (JSON.parse(stored) as DestinationRecord).kind;
  const jobBy = (channel: ChannelName): DeliveryJob => ({
    workspace,
    channel,
    id: destinationId,
    request_id: requestOf(eventId),
    event_id: eventId,
    event_type: 'destination.test',
  });
  if (kind !== undefined) await putUp(deliverer, jobBy(kind));
  const left = leavesOpen.filter((channel) => kind === undefined || kind === channel);
  for (const channel of left) await takeDown(deliverer, jobBy(channel), last);
}

const noticeOf = (job: DeliveryJob, { record, payload }: Sample): Notice => ({
  id: jobIdOf(job),
  type: job.event_type,
  timestamp: new Date(record.created_at).toISOString(),
  request: viewOf(record, { first: payload, current: payload }, () => undefined),
});

/** The test itself, under a delivery record like any delivery: so it is sent once, and what opened by it is known. */
async function putUp(deliverer: Deliverer, job: DeliveryJob): Promise<void> {
  const { redis, channels, metrics, logger, leaseMs } = deliverer;
  const { workspace, id, request_id, channel } = job;
  const name = nameOf(job);
  // Whoever takes over from a process that died takes its turn over too: nobody else has one.
  const holder = request_id;
  const turn = await claim(redis, name, holder, leaseMs);
  if (turn.turn !== 'go' && turn.turn !== 'held') return;
  const { now } = turn;
  const sample = sampleOf(workspace, request_id, now);
  const aimed = await channels[channel]({ workspace, id, request: sample.record });
  const attempt = { number: 1, now, tried: false, kept: undefined };
  const begun = performance.now();
  const outcome = !aimed.found
    ? ({ kind: 'not_tried', code: aimed.why } as const)
    : turn.turn === 'held'
      ? ({ kind: 'not_tried', code: 'held_back' } as const)
      : await containing(
          () => logger.child(job),
          () => aimed.deliver(noticeOf(job, sample), attempt),
        );
  const latency_ms = Math.round(performance.now() - begun);
  const secrets = aimed.found ? aimed.secrets : () => [];
  const made = { number: 1, last: true, at: now + latency_ms, latency_ms, outcome, secrets };
  // Nobody else is told of a test, so it is in the log and not in the feed.
  const { notice: _, ...settlement } = conclude(job, sample.record, made).settlement;
  if (settlement.attempt === undefined) return;
  metrics.attempted(channel, settlement.attempt.outcome, latency_ms);
  if (turn.turn === 'held') await logAttempt(redis, workspace, settlement.attempt);
  else await settle(redis, name, holder, settlement);
}

/** Closes what the test may have opened, a lost answer or not: its record says by which way, though it be deleted since. */
async function takeDown(
  { redis, channels, metrics, logger }: Deliverer,
  job: DeliveryJob,
  last: boolean,
): Promise<void> {
  const { workspace, id, request_id, channel } = job;
  const kept = await keptOf(redis, nameOf(job));
  if (kept === undefined) return;
  const now = await redisNow(redis);
  const { record, payload } = sampleOf(workspace, request_id, now);
  const over: RequestRecord = { ...record, status: 'cancelled', decided_at: now, revision: 2 };
  const aimed = await channels[channel]({ workspace, id, request: over });
  if (!aimed.found) return;
  const log = () => logger.child(job);
  const begun = performance.now();
  const outcome = await containing(log, () =>
    aimed.deliver(noticeOf(job, { record: over, payload }), { number: 2, now, tried: true, kept }),
  );
  if (outcome.kind === 'delivered' || outcome.kind === 'not_needed') return;
  const again = outcome.kind === 'failed' && outcome.retry === 'scheduled' && !last;
  metrics.attempted(channel, again ? 'failed' : 'gave_up', performance.now() - begun);
  log()[again ? 'info' : 'warn']({ code: outcome.code, again }, 'what a test put up is not taken down');
  if (again) throw new Error(outcome.code);
}
