/** What may interrupt a reviewer: each person's own. */
import { Preferences, PutPreferences } from '@countersign/shared/contracts';
import { changeHash } from '../../access/change.ts';
import type { Routes } from '../route.ts';

const answers = { 200: { description: 'The preferences as they now stand.', schema: Preferences } };

/** Mounts them. */
export function preferenceRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/preferences',
      summary: 'What may interrupt this person; the defaults where they never said.',
      roles: ['reviewer'],
      answers,
    },
    async ({ service, caller, c }) => {
      const stored = await service.redis.hget(caller.current.snapshot.keys.preferences, caller.key.owner);
      // Through the schema, so that a record from before a field existed gets its default.
      return c.json(Preferences.parse(stored === null ? {} : JSON.parse(stored)));
    },
  );
  routes.add(
    {
      method: 'put',
      path: '/v1/preferences',
      summary: 'Say what may interrupt this person. What is left out goes back to its default.',
      roles: ['reviewer'],
      body: PutPreferences,
      answers,
    },
    async ({ service, caller, body, c }) => {
      const person = caller.key.owner;
      await changeHash(service.redis, caller.workspace, {
        hash: caller.current.snapshot.keys.preferences,
        fields: { [person]: body },
        counter: 'preferences',
        event: {
          type: 'person.changed',
          actor: { kind: 'person', id: person },
          at: caller.current.now,
          data: { person, preferences: true },
        },
      });
      return c.json(body);
    },
  );
}
