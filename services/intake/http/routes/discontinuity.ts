/** What the store lost, and an admin's word that they have looked. */
import { AcceptDiscontinuity, Discontinuity } from '@countersign/shared/contracts';
import { acceptDiscontinuity } from '../../continuity/continuity.ts';
import type { Routes } from '../route.ts';

/** Mounts it. */
export function discontinuityRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/discontinuity',
      summary: 'Has the store lost what came after older approvals?',
      roles: ['admin', 'lead', 'auditor'],
      answers: { 200: { description: 'What was found.', schema: Discontinuity } },
    },
    ({ caller, c }) => {
      const { distrustedBefore: at } = caller.current.snapshot;
      return c.json({ found_at: at === undefined ? null : new Date(at).toISOString() });
    },
  );
  routes.add(
    {
      method: 'post',
      path: '/v1/discontinuity',
      summary: 'Accept what was lost: approvals from before it may run again.',
      roles: ['admin'],
      body: AcceptDiscontinuity,
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found'],
    },
    async ({ service, caller, body, c }) => {
      const { found_at, reason } = body;
      const accepted = { found_at: Date.parse(found_at), reason };
      const refusal = await acceptDiscontinuity(service.redis, caller.workspace, accepted, caller.key.owner);
      return refusal ?? c.body(null, 204);
    },
  );
}
