/**
 * What intake asks of the notifier. Services meet only in the feed: an admin's wish is an event like any other, so it
 * is on record who asked, it survives whoever dies, and it takes effect once.
 */
import type { DeliveryView } from '@countersign/shared/contracts';
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { decodeEvent, encodeEvent } from '@countersign/shared/feed';
import type { Caller, Service } from '../requests/service.ts';

/** How often the log is looked at while somebody waits, ms. */
const lookEveryMs = 100;

/** A line of the delivery log as it is shown. */
export function deliveryView(id: string, fields: string[]): DeliveryView {
  const { at, ...rest } = JSON.parse(fields[1] ?? '{}') as DeliveryAttempt;
  return { id, at: new Date(at).toISOString(), ...rest };
}

/** Puts the wish on record; gives its event's id. `data` goes into the feed: no secrets. */
export async function askNotifier(
  { redis }: Service,
  caller: Caller,
  type: 'delivery.replay_requested' | 'destination.test_requested',
  data: Record<string, unknown>,
): Promise<string> {
  const { now: at, snapshot } = caller.current;
  const actor = { kind: 'person', id: caller.key.owner } as const;
  const id = await redis.xadd(snapshot.keys.feed, '*', ...encodeEvent({ type, actor, at, data }));
  if (id === null) throw new Error('the feed took no event');
  return id;
}

/** Who waits for what came of an event, and for how long. */
type Waiting = { eventId: string; waitMs: number; signal: AbortSignal };

/** The first attempt that was made for an event, as soon as it is in the log. Undefined when none is within `waitMs`. */
export function attemptFor(
  { redis }: Service,
  caller: Caller,
  waiting: Waiting,
): Promise<DeliveryView | undefined> {
  return lookFor(redis, caller.current.snapshot.keys.deliveryLog, waiting, (id, fields) => {
    const attempt = deliveryView(id, fields);
    return attempt.event_id === waiting.eventId ? attempt : undefined;
  });
}

/** How many deliveries a replay has queued, as soon as it has. Undefined when that is not known within `waitMs`. */
export function queuedBy({ redis }: Service, caller: Caller, waiting: Waiting): Promise<number | undefined> {
  return lookFor(redis, caller.current.snapshot.keys.feed, waiting, (id, fields) => {
    const { type, data = {} } = decodeEvent(id, fields);
    if (type !== 'delivery.replayed' || data.replay !== waiting.eventId) return undefined;
    return Number(data.queued);
  });
}

/** The first entry of a stream that is what is looked for. */
async function lookFor<T>(
  redis: Service['redis'],
  stream: string,
  { eventId, waitMs, signal }: Waiting,
  pick: (id: string, fields: string[]) => T | undefined,
): Promise<T | undefined> {
  const until = performance.now() + waitMs;
  // Written after the event by the same clock, so never before it in the stream.
  let from = eventId;
  while (performance.now() < until && !signal.aborted) {
    for (const [id, fields] of await redis.xrange(stream, from, '+')) {
      const found = pick(id, fields);
      if (found !== undefined) return found;
      from = `(${id}`;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return undefined;
}
