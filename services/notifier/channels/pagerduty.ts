/**
 * PagerDuty's Events API v2: an incident is open while a request waits, acknowledged while somebody is on it, resolved
 * when it is over. It is never left open: whoever may have opened one closes it, with the key that may have opened it.
 */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import type { Outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { alertTrigger } from '../messages/alert.ts';
import { triggerOf } from '../messages/pagerduty-event.ts';
import { isWaiting } from '../messages/short-words.ts';
import { keptOf } from '../record/record.ts';
import { type Attempt, type Channel, type Outcome, sentNothing } from './channel.ts';
import { findDestination, incomplete } from './destination.ts';
import { outcomeOf } from './http-outcome.ts';

/** Where events go in; accounts of the EU region have an address of their own. */
const publicUrl = 'https://events.pagerduty.com/v2/enqueue';

/** A way in. The routing key belongs to one integration of one service: nobody else's events touch its incidents. */
const Way = z.object({ url: z.string(), routing_key: z.string() });
type Way = z.infer<typeof Way>;

/** `way`: absent where the destination is deleted or disabled, and an incident that it opened is to be closed. */
export type PagerDutyTarget = { destination: string; way?: Way };

/** What the delivery record keeps: each way by which an incident may have been opened, and whether it was closed. */
const Kept = z.object({ ways: z.array(Way), resolved: z.boolean() });
type Kept = z.infer<typeof Kept>;
const keptIn = (kept: JsonObject | undefined): Kept =>
  Kept.safeParse(kept).data ?? { ways: [], resolved: false };

/**
 * A delivery record, and with it what was tried, is forgotten after forty days. Of a request that has waited for nearly
 * as long nobody can be sure that it was never told, ms. A resolve that finds nothing open is dropped.
 */
const rememberedFor = 35 * 86_400_000;

/** Names the incident of one request, or alert, at one destination: the same in every event about it. At most 255 characters. */
const dedupKeyOf = ({ workspace, id }: Incident, destination: string): string =>
  `countersign/${workspace}/${id}/${destination}`;

/** What an incident is about, since when (ms), where it should be, and what opens it. */
type Incident = {
  workspace: string;
  id: string;
  since: number;
  action: Action | undefined;
  trigger: () => JsonObject;
};

type Action = 'trigger' | 'acknowledge' | 'resolve';

/** Where the incident should be. Nothing, where a deadline has passed that intake is about to notice. */
function actionFor(request: RequestView, now: number): Action | undefined {
  if (request.status !== 'pending') return 'resolve';
  if (!isWaiting(request, now)) return undefined;
  return request.claim !== undefined && Date.parse(request.claim.until) > now ? 'acknowledge' : 'trigger';
}

function withWay(ways: readonly Way[], way: Way): Way[] {
  const known = ways.some(({ url, routing_key }) => url === way.url && routing_key === way.routing_key);
  return known ? [...ways] : [...ways, way];
}

/** How several posts went, said by the one that needs the most attention. */
function worstOf(outcomes: readonly Outcome[]): Outcome {
  const grave = (outcome: Outcome): number => {
    if (outcome.kind === 'failed') return outcome.retry === 'scheduled' ? 3 : 2;
    return outcome.kind === 'not_tried' ? 1 : 0;
  };
  const worst = outcomes.reduce((worst, outcome) => (grave(outcome) > grave(worst) ? outcome : worst));
  if (worst.kind !== 'failed' || outcomes.every(sentNothing)) return worst;
  const { nothing_sent: _ofThisOne, ...failed } = worst;
  return failed;
}

/** Whether an incident may be open because of it: PagerDuty has taken it, or may have without our hearing so. */
const mayHaveArrived = (outcome: Outcome): outcome is Extract<Outcome, { keep?: JsonObject }> =>
  outcome.kind === 'delivered' ||
  (outcome.kind === 'failed' && outcome.retry === 'scheduled' && !sentNothing(outcome));

/** By which of these an incident may stand open, for an event that does not open one; none, where there is nothing to send. */
function toTell(
  action: Exclude<Action, 'trigger'> | undefined,
  { way }: PagerDutyTarget,
  since: number,
  { now, tried, replay, kept }: Attempt,
): Way[] {
  const { ways, resolved } = keptIn(kept);
  const forgotten = now - since > rememberedFor;
  const mayBeOpen = !resolved && (tried || (forgotten && action === 'resolve'));
  if (action === undefined || !(mayBeOpen || replay)) return [];
  return way === undefined ? ways : withWay(ways, way);
}

/** The channel `pagerduty`. `address.id` is the destination's. */
export function pagerdutyChannel(redis: Redis, out: Outbound): Channel<PagerDutyTarget> {
  async function enqueue({ url, routing_key }: Way, event: JsonObject): Promise<Outcome> {
    const body = JSON.stringify({ routing_key, ...event });
    const headers = { 'content-type': 'application/json' };
    // PagerDuty knows an event again by its deduplication key.
    const answer = await out.post(url, { headers, body, repeat: 'once' });
    const outcome = outcomeOf(answer, { gone: [], never: [400, 413] });
    // The key may be one that the destination no longer has: whoever strikes secrets out of logs does not know it.
    if ('response' in outcome && outcome.response !== undefined)
      outcome.response = outcome.response.replaceAll(routing_key, '[redacted]');
    return outcome;
  }

  /** Brings an incident to where it should be. */
  async function bring(incident: Incident, target: PagerDutyTarget, attempt: Attempt): Promise<Outcome> {
    const { destination, way } = target;
    const { action: event_action, trigger, since } = incident;
    const event = { event_action, dedup_key: dedupKeyOf(incident, destination) };

    if (event_action === 'trigger') {
      if (way === undefined) return { kind: 'not_tried', code: 'destination_disabled' };
      const outcome = await enqueue(way, { ...event, event_action, ...trigger() });
      // Kept before it can matter: the destination may have another key by the time the incident is to be closed.
      if (!mayHaveArrived(outcome)) return outcome;
      return { ...outcome, keep: { ways: withWay(keptIn(attempt.kept).ways, way), resolved: false } };
    }

    const opened = toTell(event_action, target, since, attempt);
    if (event_action === undefined || opened.length === 0) return { kind: 'not_needed' };
    const outcome = worstOf(
      await Promise.all(opened.map((each) => enqueue(each, { ...event, event_action }))),
    );
    if (event_action === 'acknowledge' || outcome.kind !== 'delivered') return outcome;
    return { ...outcome, keep: { ways: opened, resolved: true } };
  }

  return {
    async find(address) {
      const found = await findDestination(redis, address);
      if (!found.found) {
        const { workspace, id, request } = address;
        const name = { workspace, destination: `pagerduty-${id}`, request_id: request.id };
        const kept = Kept.safeParse(await keptOf(redis, name)).data;
        return kept === undefined || kept.resolved ? found : { found: true, target: { destination: id } };
      }
      const { id, secret, url = publicUrl } = found.target.destination;
      if (secret === undefined) return incomplete;
      return { found: true, target: { destination: id, way: { url, routing_key: secret } } };
    },

    needs(target, notice, attempt) {
      const action = actionFor(notice.request, attempt.now);
      const since = Date.parse(notice.request.created_at);
      return action === 'trigger' || toTell(action, target, since, attempt).length > 0;
    },

    deliver(target, notice, attempt) {
      const { workspace, id, created_at } = notice.request;
      const action = actionFor(notice.request, attempt.now);
      const trigger = () => triggerOf(notice, attempt.now);
      return bring({ workspace, id, since: Date.parse(created_at), action, trigger }, target, attempt);
    },

    tell(target, notice, attempt) {
      const { workspace, alert } = notice;
      const action = alert.status === 'raised' ? 'trigger' : 'resolve';
      const since = Date.parse(alert.raised_at);
      return bring(
        { workspace, id: alert.id, since, action, trigger: () => alertTrigger(notice) },
        target,
        attempt,
      );
    },

    // PagerDuty has no answer that says that an integration is gone.
    retire: async () => {},
    secrets: ({ way }) => (way === undefined ? [] : [way.routing_key]),
  };
}
