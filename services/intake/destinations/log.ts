/** `GET /v1/deliveries`: what was sent where, newest first. */
import type { Deliveries, DeliveriesQuery, DeliveryView, Problem } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import type { Caller, Service } from '../requests/service.ts';
import { deliveryView } from './errand.ts';

/** How many lines one call looks at: a rare match is found over several pages instead of in one long call. */
const scanned = 2_000;
const chunk = 200;

function matches(query: DeliveriesQuery, line: DeliveryView): boolean {
  const { destination, request, event, outcome } = query;
  return (
    (destination === undefined || line.destination === destination) &&
    (request === undefined || line.request_id === request) &&
    (event === undefined || line.event_id === event) &&
    (outcome === undefined || line.outcome === outcome)
  );
}

/** One page of matches. A `next_cursor` says that there may be more; a page may be short or empty and still have one. */
export async function searchDeliveries(
  { redis }: Service,
  caller: Caller,
  query: DeliveriesQuery,
): Promise<Deliveries | Problem> {
  const { cursor, since, limit } = query;
  if (cursor !== undefined && !/^\d+-\d+$/.test(cursor))
    return problem('invalid_request', 'That cursor is not one of ours. Start without one.');
  const { deliveryLog } = caller.current.snapshot.keys;
  const oldest = since === undefined ? '-' : String(Date.parse(since));
  const items: DeliveryView[] = [];
  let from = cursor === undefined ? '+' : `(${cursor}`;
  for (let looked = 0; looked < scanned; looked += chunk) {
    const lines = await redis.xrevrange(deliveryLog, from, oldest, 'COUNT', chunk);
    for (const [id, fields] of lines) {
      from = `(${id}`;
      const line = deliveryView(id, fields);
      if (!matches(query, line)) continue;
      items.push(line);
      if (items.length === limit) return { items, next_cursor: id };
    }
    if (lines.length < chunk) return { items };
  }
  return { items, next_cursor: from.slice(1) };
}
