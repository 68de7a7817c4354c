/** Who am I, and how a browser becomes somebody: pairing. */
import { contractVersion, Me, Pair, Paired, type Person } from '@countersign/shared/contracts';
import { pair } from '../../access/pairing.ts';
import { redisTime } from '../../store/redis-time.ts';
import type { Directory } from '../../workspace/directory.ts';
import type { Routes } from '../route.ts';

function personIn(directory: Directory | undefined, id: string): Person {
  return directory?.people.get(id) ?? { id, name: id, groups: [] };
}

/** Mounts them. `vapidPublicKey` is what browsers subscribe to Web Push with. */
export function sessionRoutes(routes: Routes, vapidPublicKey: string): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/pair',
      summary: 'Turn a one-time code into a reviewer’s key.',
      roles: 'anyone',
      body: Pair,
      answers: { 200: { description: 'The key, shown once, and whose it is.', schema: Paired } },
      problems: ['pair_code_invalid', 'rate_limited'],
    },
    async ({ service, body, c }) => {
      const now = redisTime(await service.redis.time());
      const address = c.env.incoming.socket.remoteAddress ?? 'unknown';
      const paired = await pair(service.redis, body, address, now);
      if ('code' in paired) return paired;
      const { key, key_id, workspace, person } = paired;
      const current = await service.workspaces.current(workspace);
      const known = personIn(current?.snapshot.directory, person);
      return c.json({ key, key_id, workspace, person: known, vapid_public_key: vapidPublicKey });
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/me',
      summary: 'Whom this key speaks for.',
      roles: [],
      answers: { 200: { description: 'The key’s person and roles.', schema: Me } },
    },
    ({ caller, c }) =>
      c.json({
        contract: contractVersion,
        workspace: caller.workspace,
        key_id: caller.key.id,
        roles: caller.key.roles,
        person: personIn(caller.current.snapshot.directory, caller.key.owner),
        vapid_public_key: vapidPublicKey,
      }),
  );
}
