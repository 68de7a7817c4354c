/** What everybody may know of the programme of canaries, and the switch of whoever leads. */
import { CanaryProgramme, SwitchCanaries } from '@countersign/shared/contracts';
import { programmeFor, setStopped } from '../../canaries/switch.ts';
import type { Routes } from '../route.ts';

/** Mounts them. */
export function canaryRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/canaries',
      summary: 'Whether requests are planted here to see whether people read. Never which.',
      roles: ['reviewer', 'lead', 'admin', 'auditor'],
      answers: { 200: { description: 'The programme as it was announced.', schema: CanaryProgramme } },
    },
    async ({ service, caller, c }) => {
      const { roles } = caller.key;
      const programme = await programmeFor(service.redis, caller.current);
      return c.json({ ...programme, may_switch: roles.includes('lead') || roles.includes('admin') });
    },
  );
  routes.add(
    {
      method: 'put',
      path: '/v1/canaries',
      summary: 'Stop the programme at once, or let it go on as policy announces it.',
      roles: ['lead', 'admin'],
      body: SwitchCanaries,
      answers: { 200: { description: 'As it stands now.', schema: CanaryProgramme } },
    },
    async ({ service, caller, body, c }) => {
      const { redis } = service;
      await setStopped(redis, caller.current, caller.key.owner, body.stopped);
      return c.json({ ...(await programmeFor(redis, caller.current)), may_switch: true });
    },
  );
}
