/** What admins set up: keys, people, pairing codes. */
import {
  CreatedKey,
  CreateKey,
  CreatePairCode,
  KeyView,
  PairCode,
  Person,
  PutPerson,
  problem,
} from '@countersign/shared/contracts';
import { z } from 'zod';
import { createKey, keyView, revokeKey } from '../../access/keys.ts';
import { createPairCode, pairCodeLasts } from '../../access/pairing.ts';
import { putPerson, removePerson } from '../../access/people.ts';
import type { Caller } from '../../requests/service.ts';
import type { Routes } from '../route.ts';

const admin = ['admin'] as const;
const done = { 204: { description: 'Done.' } };

const actorOf = ({ key }: Caller) => ({ kind: 'person', id: key.owner }) as const;

/** Mounts them. */
export function adminRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/keys',
      summary: 'Make a key. It is shown once.',
      roles: admin,
      body: CreateKey,
      answers: {
        201: { description: 'The key and, with a callback origin, its signing secret.', schema: CreatedKey },
      },
    },
    async ({ service, caller, body, c }) =>
      c.json(
        await createKey(service.redis, caller.workspace, body, actorOf(caller), caller.current.now),
        201,
      ),
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/keys',
      summary: 'All keys, revoked ones too, without their secrets.',
      roles: admin,
      answers: { 200: { description: 'Keys.', schema: z.object({ items: z.array(KeyView) }) } },
    },
    ({ caller, c }) =>
      c.json({ items: [...caller.current.snapshot.directory.keysById.values()].map(keyView) }),
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/keys/{id}',
      summary: 'Revoke a key at once.',
      roles: admin,
      answers: done,
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => {
      const record = caller.current.snapshot.directory.keysById.get(id);
      const { now } = caller.current;
      return (
        (await revokeKey(service.redis, caller.workspace, record, actorOf(caller), now)) ?? c.body(null, 204)
      );
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/people',
      summary: 'Add a person, or replace what is known of them.',
      roles: admin,
      body: PutPerson,
      answers: { 201: { description: 'The person.', schema: Person } },
      problems: ['slack_user_taken', 'too_busy'],
    },
    async ({ service, caller, body, c }) => (await putPerson(service, caller, body)) ?? c.json(body, 201),
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/people',
      summary: 'The people of the workspace and their groups.',
      roles: ['admin', 'lead'],
      answers: { 200: { description: 'People.', schema: z.object({ items: z.array(Person) }) } },
    },
    ({ caller, c }) => c.json({ items: [...caller.current.snapshot.directory.people.values()] }),
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/people/{id}',
      summary: 'Remove a person. Revoke their keys too: this does not.',
      roles: admin,
      answers: done,
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => (await removePerson(service, caller, id)) ?? c.body(null, 204),
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/pair-codes',
      summary: 'Make a one-time code with which a person connects their extension.',
      roles: admin,
      body: CreatePairCode,
      answers: { 201: { description: 'The code, for ten minutes.', schema: PairCode } },
      problems: ['not_found'],
    },
    async ({ service, caller, body, c }) => {
      if (!caller.current.snapshot.directory.people.has(body.person)) {
        return problem(
          'not_found',
          `There is no person ${body.person} here. Add them first: POST /v1/people.`,
        );
      }
      const code = await createPairCode(service.redis, caller.workspace, body);
      return c.json({ code, expires_at: new Date(caller.current.now + pairCodeLasts).toISOString() }, 201);
    },
  );
}
