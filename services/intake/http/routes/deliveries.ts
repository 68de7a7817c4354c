/** What was sent where, and sending it again. */
import { Deliveries, DeliveriesQuery, problem, Replay, Replaying } from '@countersign/shared/contracts';
import { headerOf } from '@countersign/shared/http';
import { askNotifier, queuedBy } from '../../destinations/errand.ts';
import { searchDeliveries } from '../../destinations/log.ts';
import type { Routes } from '../route.ts';
import { preferredWait } from './requests.ts';

/** Mounts them. */
export function deliveryRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/deliveries',
      summary: 'Attempts to deliver notices, newest first: the last ten thousand or so.',
      roles: ['admin'],
      query: DeliveriesQuery,
      answers: { 200: { description: 'A page of matches.', schema: Deliveries } },
      problems: ['invalid_request'],
    },
    async ({ service, caller, query, c }) => {
      const page = await searchDeliveries(service, caller, query);
      return 'code' in page ? page : c.json(page);
    },
  );
  routes.add(
    {
      method: 'post',
      path: '/v1/deliveries/replay',
      summary:
        'Bring a destination to the current state of one request, or of all that changed since a time.',
      roles: ['admin'],
      headers: { Prefer: '`wait=N`: answer once it is queued, or after N seconds (at most 60).' },
      body: Replay,
      answers: {
        202: { description: 'It is on record and will be done; the log shows it.', schema: Replaying },
      },
      problems: ['not_found', 'invalid_request'],
    },
    async ({ service, caller, body, c }) => {
      const { destination, request_id, since } = body;
      const { keys } = caller.current.snapshot;
      const [place, request] = await Promise.all([
        service.redis.hexists(keys.destinations, destination),
        request_id === undefined ? 1 : service.redis.exists(keys.request(request_id)),
      ]);
      if (place === 0) return problem('not_found', `There is no destination ${destination} here.`);
      if (request === 0) return problem('not_found', `There is no request ${request_id} here.`);
      const event_id = await askNotifier(service, caller, 'delivery.replay_requested', {
        destination,
        ...(request_id === undefined ? {} : { request: request_id }),
        ...(since === undefined ? {} : { since: Date.parse(since) }),
      });
      const waitMs = preferredWait(headerOf(c, 'prefer')) * 1_000;
      if (waitMs > 0) c.header('Preference-Applied', `wait=${waitMs / 1_000}`);
      const queued = await queuedBy(service, caller, { eventId: event_id, waitMs, signal: c.req.raw.signal });
      return c.json({ event_id, ...(queued === undefined ? {} : { queued }) }, 202);
    },
  );
}
