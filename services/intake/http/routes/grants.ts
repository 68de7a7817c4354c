/** Standing grants: what may run without anyone being asked, and the end of it. They are given with a verdict. */
import { Grants } from '@countersign/shared/contracts';
import { listGrants, revokeGrant } from '../../requests/grants.ts';
import type { Routes } from '../route.ts';

const roles = ['reviewer', 'admin'] as const;

/** Mounts them. */
export function grantRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/grants',
      summary: 'Grants in force that this reviewer may decide about; for an admin, all.',
      roles,
      answers: { 200: { description: 'The one that ends first comes first.', schema: Grants } },
    },
    async ({ service, caller, c }) => c.json({ items: await listGrants(service, caller) }),
  );

  routes.add(
    {
      method: 'delete',
      path: '/v1/grants/{id}',
      summary: 'Revoke a grant. What it has let through already is revoked by request.',
      roles,
      answers: { 204: { description: 'It lets nothing more through.' } },
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => (await revokeGrant(service, caller, id)) ?? c.body(null, 204),
  );
}
