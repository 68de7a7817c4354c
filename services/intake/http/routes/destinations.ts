/** Where notices of the workspace go. */
import {
  CreateDestination,
  CreatedDestination,
  DestinationTest,
  DestinationView,
  problem,
  Rotated,
  UpdateDestination,
} from '@countersign/shared/contracts';
import { type DestinationRecord, webhookKeys } from '@countersign/shared/directory';
import { ulid } from 'ulid';
import { z } from 'zod';
import { newWebhookSecret } from '../../access/secrets.ts';
import { changed, faultOf, overlapMs, recordOf, rotated } from '../../destinations/change.ts';
import { askNotifier, attemptFor } from '../../destinations/errand.ts';
import { addDestination, changeDestination, missing } from '../../destinations/store.ts';
import { destinationView } from '../../destinations/view.ts';
import type { Routes } from '../route.ts';

const admin = ['admin'] as const;

/** How long a test waits for what came of it, ms. */
const testWaitMs = 20_000;

/** Mounts them. */
export function destinationRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/destinations',
      summary: 'Add a destination. Its signing secret is shown once.',
      roles: admin,
      body: CreateDestination,
      answers: {
        201: { description: 'Its id, and the secret that signs what it gets.', schema: CreatedDestination },
      },
      problems: ['invalid_request'],
    },
    async ({ service, caller, body, c }) => {
      const fault = faultOf(body);
      if (fault !== undefined) return problem('invalid_request', fault);
      const { now } = caller.current;
      const secret = body.secret ?? (body.kind === 'webhook' ? newWebhookSecret() : undefined);
      const made = recordOf(`dst_${ulid(now)}`, body, secret, now);
      const record = { ...made, created_by: caller.key.owner };
      await addDestination(service, caller, record);
      return c.json({ id: record.id, ...(secret === undefined ? {} : { secret }) }, 201);
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/destinations',
      summary: 'Destinations, without their secrets.',
      roles: admin,
      answers: {
        200: { description: 'Destinations.', schema: z.object({ items: z.array(DestinationView) }) },
      },
    },
    async ({ service: { redis }, caller, c }) => {
      const { keys } = caller.current.snapshot;
      const [records, failing, { publicKey }] = await Promise.all([
        redis.hvals(keys.destinations),
        redis.hgetall(keys.failing),
        webhookKeys(redis),
      ]);
      const items = records.map(async (text) => {
        const record = JSON.parse(text) as DestinationRecord;
        const place = `${record.kind}-${record.id}`;
        const held = Number(await redis.hget(keys.pace(place), 'held'));
        const until = held > caller.current.now ? held : undefined;
        return destinationView(record, failing[place], until, publicKey);
      });
      return c.json({ items: await Promise.all(items) });
    },
  );
  routes.add(
    {
      method: 'put',
      path: '/v1/destinations/{id}',
      summary: 'Change a destination, or take it into use again. What is absent stays as it is.',
      roles: admin,
      body: UpdateDestination,
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found', 'invalid_request', 'destination_changed', 'too_busy'],
    },
    async ({ service, caller, id, body, c }) => {
      const after = await changeDestination(service, caller, id, (before) => changed(before, body));
      return 'code' in after ? after : c.body(null, 204);
    },
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/destinations/{id}',
      summary: 'Remove a destination.',
      roles: admin,
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found', 'too_busy'],
    },
    async ({ service, caller, id, c }) => {
      const removal = { after: undefined, event: 'deleted' } as const;
      const gone = await changeDestination(service, caller, id, () => removal);
      return 'code' in gone ? gone : c.body(null, 204);
    },
  );
  routes.add(
    {
      method: 'post',
      path: '/v1/destinations/{id}/rotate',
      summary: 'Give a webhook a new secret. For a day the old one signs too.',
      roles: admin,
      answers: { 200: { description: 'The new secret, shown once.', schema: Rotated } },
      problems: ['not_found', 'invalid_request', 'too_busy'],
    },
    async ({ service, caller, id, c }) => {
      const secret = newWebhookSecret();
      const until = caller.current.now + overlapMs;
      const after = await changeDestination(service, caller, id, (before) => rotated(before, secret, until));
      if ('code' in after) return after;
      return c.json({ id, secret, previous_until: new Date(until).toISOString() });
    },
  );
  routes.add(
    {
      method: 'post',
      path: '/v1/destinations/{id}/test',
      summary: 'Send a notice that says it is a test, and tell what came of it.',
      roles: admin,
      answers: {
        200: { description: 'What the peer said, where it did so within 20 s.', schema: DestinationTest },
      },
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => {
      const nowhere = await missing(service, caller, id);
      if (nowhere !== undefined) return nowhere;
      const event_id = await askNotifier(service, caller, 'destination.test_requested', { destination: id });
      const waiting = { eventId: event_id, waitMs: testWaitMs, signal: c.req.raw.signal };
      const attempt = await attemptFor(service, caller, waiting);
      return c.json({ event_id, ...(attempt === undefined ? {} : { attempt }) });
    },
  );
}
