/** Where notices go: destinations of the workspace, Web Push subscriptions of a reviewer's browsers. */
import {
  CreateDestination,
  CreatedDestination,
  DestinationView,
  PushSubscriptionBody,
  problem,
} from '@countersign/shared/contracts';
import type { DestinationRecord, PushSubscriptionRecord } from '@countersign/shared/directory';
import { ulid } from 'ulid';
import { z } from 'zod';
import { changeHash } from '../../access/change.ts';
import { hashOf, newWebhookSecret } from '../../access/secrets.ts';
import { destinationFault } from '../../destinations/fault.ts';
import { slackDestinationFault } from '../../slack/destination.ts';
import type { Routes } from '../route.ts';

function destinationView({
  secret: _secret,
  signing_secret: _signing,
  headers,
  disabled,
  created_at,
  ...rest
}: DestinationRecord): DestinationView {
  // Whoever knows the address of a Teams workflow may post by it: of that credential, only whose it is.
  const url = rest.kind === 'teams' && rest.url !== undefined ? { url: new URL(rest.url).origin } : {};
  return {
    ...rest,
    ...url,
    header_names: Object.keys(headers ?? {}),
    ...(disabled === undefined ? {} : { disabled: { ...disabled, at: new Date(disabled.at).toISOString() } }),
    created_at: new Date(created_at).toISOString(),
  };
}

/** Kinds that are sent to a URL of their own. */
const needsUrl = new Set(['webhook']);

/** Mounts them. */
export function destinationRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/destinations',
      summary: 'Add a destination. Its signing secret is shown once.',
      roles: ['admin'],
      body: CreateDestination,
      answers: {
        201: { description: 'Its id, and the secret that signs what it gets.', schema: CreatedDestination },
      },
      problems: ['invalid_request'],
    },
    async ({ service, caller, body, c }) => {
      if (needsUrl.has(body.kind) && body.url === undefined) {
        return problem('invalid_request', `url: a ${body.kind} destination needs one.`);
      }
      if (
        body.kind === 'webhook' &&
        body.secret !== undefined &&
        !/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(body.secret)
      ) {
        return problem(
          'invalid_request',
          'secret: must be whsec_ and 24 to 64 bytes in base64. Leave it out to have one made.',
        );
      }
      const fault = body.kind === 'slack' ? slackDestinationFault(body) : destinationFault(body);
      if (fault !== undefined) return problem('invalid_request', fault);
      const { now, snapshot } = caller.current;
      const secret = body.secret ?? (body.kind === 'webhook' ? newWebhookSecret() : undefined);
      const { name, kind, url, signing_secret, to, headers, match } = body;
      const record: DestinationRecord = {
        id: `dst_${ulid(now)}`,
        name,
        kind,
        ...(url === undefined ? {} : { url }),
        ...(secret === undefined ? {} : { secret }),
        ...(signing_secret === undefined ? {} : { signing_secret }),
        ...(to === undefined ? {} : { to }),
        ...(headers === undefined ? {} : { headers }),
        ...(match === undefined ? {} : { match }),
        created_at: now,
      };
      await changeHash(service.redis, caller.workspace, {
        hash: snapshot.keys.destinations,
        fields: { [record.id]: record },
        event: {
          type: 'destination.created',
          actor: { kind: 'person', id: caller.key.owner },
          at: now,
          data: { destination: record.id, kind },
        },
      });
      return c.json({ id: record.id, ...(secret === undefined ? {} : { secret }) }, 201);
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/destinations',
      summary: 'Destinations, without their secrets.',
      roles: ['admin'],
      answers: {
        200: { description: 'Destinations.', schema: z.object({ items: z.array(DestinationView) }) },
      },
    },
    async ({ service, caller, c }) => {
      const stored = await service.redis.hvals(caller.current.snapshot.keys.destinations);
      return c.json({ items: stored.map((text) => destinationView(JSON.parse(text) as DestinationRecord)) });
    },
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/destinations/{id}',
      summary: 'Remove a destination.',
      roles: ['admin'],
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => {
      const { now, snapshot } = caller.current;
      if ((await service.redis.hexists(snapshot.keys.destinations, id)) === 0) {
        return problem('not_found', `There is no destination ${id} here.`);
      }
      await changeHash(service.redis, caller.workspace, {
        hash: snapshot.keys.destinations,
        fields: { [id]: undefined },
        event: {
          type: 'destination.deleted',
          actor: { kind: 'person', id: caller.key.owner },
          at: now,
          data: { destination: id },
        },
      });
      return c.body(null, 204);
    },
  );

  const subscriptionId = (endpoint: string): string => `psh_${hashOf(endpoint).slice(0, 26)}`;
  routes.add(
    {
      method: 'post',
      path: '/v1/push-subscriptions',
      summary: 'Have this browser woken by Web Push.',
      roles: ['reviewer'],
      body: PushSubscriptionBody,
      answers: { 201: { description: 'Its id.', schema: z.object({ id: z.string() }) } },
    },
    async ({ service, caller, body, c }) => {
      const record: PushSubscriptionRecord = {
        id: subscriptionId(body.endpoint),
        person: caller.key.owner,
        key_id: caller.key.id,
        endpoint: body.endpoint,
        keys: body.keys,
        created_at: caller.current.now,
      };
      await service.redis.hset(
        caller.current.snapshot.keys.pushSubscriptions,
        record.id,
        JSON.stringify(record),
      );
      return c.json({ id: record.id }, 201);
    },
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/push-subscriptions',
      summary: 'Stop waking this browser.',
      roles: ['reviewer'],
      body: z.strictObject({ endpoint: z.string().max(2_000) }).meta({ id: 'EndPush' }),
      answers: { 204: { description: 'Done.' } },
    },
    async ({ service, caller, body, c }) => {
      const key = caller.current.snapshot.keys.pushSubscriptions;
      const id = subscriptionId(body.endpoint);
      const stored = await service.redis.hget(key, id);
      const own =
        stored !== null && (JSON.parse(stored) as PushSubscriptionRecord).person === caller.key.owner;
      if (own) await service.redis.hdel(key, id);
      return c.body(null, 204);
    },
  );
}
