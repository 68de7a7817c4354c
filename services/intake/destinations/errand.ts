/**
 * What intake asks of the notifier. Services meet only in the feed: an admin's wish is an event like any other, so it
 * is on record who asked, it survives whoever dies, and it takes effect once.
 */
import type { DeliveryView } from '@countersign/shared/contracts';
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { encodeEvent } from '@countersign/shared/feed';
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

/** The first attempt that was made for an event, as soon as it is in the log. Undefined when none is within `waitMs`. */
export async function attemptFor(
  { redis }: Service,
  caller: Caller,
  eventId: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<DeliveryView | undefined> {
  const { deliveryLog } = caller.current.snapshot.keys;
  const until = performance.now() + waitMs;
  let from = eventId;
  while (performance.now() < until && !signal.aborted) {
    // Written after the event by the same clock, so never before it in the log.
    for (const [id, fields] of await redis.xrange(deliveryLog, from, '+')) {
      const attempt = deliveryView(id, fields);
      if (attempt.event_id === eventId) return attempt;
      from = `(${id}`;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return undefined;
}
