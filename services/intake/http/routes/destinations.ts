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
import { changeHash } from '../../access/change.ts';
import { newWebhookSecret } from '../../access/secrets.ts';
import { changed, faultOf, overlapMs, recordOf } from '../../destinations/change.ts';
import { askNotifier, attemptFor } from '../../destinations/errand.ts';
import { destinationView } from '../../destinations/view.ts';
import type { Caller, Service } from '../../requests/service.ts';
import type { Routes } from '../route.ts';

const admin = ['admin'] as const;

/** How long a test waits for what came of it, ms. */
const testWaitMs = 20_000;

const actorOf = ({ key }: Caller) => ({ kind: 'person', id: key.owner }) as const;
const nowhere = (id: string) => problem('not_found', `There is no destination ${id} here.`);

async function stored(service: Service, caller: Caller, id: string): Promise<DestinationRecord | undefined> {
  const text = await service.redis.hget(caller.current.snapshot.keys.destinations, id);
  return text === null ? undefined : (JSON.parse(text) as DestinationRecord);
}

/** Stores a destination (`undefined`: removes it) and puts that on record. */
function keep(
  { redis }: Service,
  caller: Caller,
  id: string,
  record: DestinationRecord | undefined,
  type: 'created' | 'changed' | 'deleted' | 'secret_rotated',
  data: Record<string, unknown> = {},
): Promise<void> {
  const { now, snapshot } = caller.current;
  return changeHash(redis, caller.workspace, {
    hash: snapshot.keys.destinations,
    fields: { [id]: record },
    event: {
      type: `destination.${type}`,
      actor: actorOf(caller),
      at: now,
      data: { destination: id, ...data },
    },
  });
}

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
      const record = recordOf(`dst_${ulid(now)}`, body, secret, now);
      await keep(service, caller, record.id, record, 'created', { kind: record.kind });
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
      const items = records.map((text) => {
        const record = JSON.parse(text) as DestinationRecord;
        return destinationView(record, failing[`${record.kind}-${record.id}`], publicKey);
      });
      return c.json({ items });
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
      problems: ['not_found', 'invalid_request'],
    },
    async ({ service, caller, id, body, c }) => {
      const before = await stored(service, caller, id);
      if (before === undefined) return nowhere(id);
      const after = changed(before, body);
      if ('fault' in after) return problem('invalid_request', after.fault);
      if (body.disabled === false) {
        await service.redis.hdel(caller.current.snapshot.keys.failing, `${before.kind}-${id}`);
      }
      // Which members, and not what they hold: a secret may be among them.
      await keep(service, caller, id, after.record, 'changed', { members: Object.keys(body).sort() });
      return c.body(null, 204);
    },
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/destinations/{id}',
      summary: 'Remove a destination.',
      roles: admin,
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => {
      if ((await stored(service, caller, id)) === undefined) return nowhere(id);
      await keep(service, caller, id, undefined, 'deleted');
      return c.body(null, 204);
    },
  );
  routes.add(
    {
      method: 'post',
      path: '/v1/destinations/{id}/rotate',
      summary: 'Give a webhook a new secret. For a day the old one signs too.',
      roles: admin,
      answers: { 200: { description: 'The new secret, shown once.', schema: Rotated } },
      problems: ['not_found', 'invalid_request'],
    },
    async ({ service, caller, id, c }) => {
      const before = await stored(service, caller, id);
      if (before === undefined) return nowhere(id);
      if (before.kind !== 'webhook' || before.secret === undefined)
        return problem('invalid_request', `Only a webhook has a secret of ours; change it with PUT.`);
      const secret = newWebhookSecret();
      const until = caller.current.now + overlapMs;
      const after = { ...before, secret, previous_secret: { secret: before.secret, until } };
      await keep(service, caller, id, after, 'secret_rotated');
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
      if ((await stored(service, caller, id)) === undefined) return nowhere(id);
      const event_id = await askNotifier(service, caller, 'destination.test_requested', { destination: id });
      const attempt = await attemptFor(service, caller, event_id, testWaitMs, c.req.raw.signal);
      return c.json({ event_id, ...(attempt === undefined ? {} : { attempt }) });
    },
  );
}
