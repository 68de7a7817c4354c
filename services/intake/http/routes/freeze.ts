/** The kill switch, and a reviewer's smaller one: to pause an agent that asks too much. */
import { CreateFreeze, FreezeView, type Problem, problem, Throttle } from '@countersign/shared/contracts';
import type { FreezeRecord } from '@countersign/shared/directory';
import { z } from 'zod';
import { liftFreeze, setFreeze } from '../../access/freezes.ts';
import { liftThrottle, listThrottles } from '../../requests/flood.ts';
import type { Caller } from '../../requests/service.ts';
import type { Routes } from '../route.ts';

function freezeView({ epoch: _epoch, set_at, lifted_at, ...rest }: FreezeRecord): FreezeView {
  return {
    ...rest,
    set_at: new Date(set_at).toISOString(),
    ...(lifted_at === undefined ? {} : { lifted_at: new Date(lifted_at).toISOString() }),
  };
}

/** Admins and leads stop anything. */
const mayStopAnything = ({ key }: Caller): boolean =>
  key.roles.includes('admin') || key.roles.includes('lead');

/** Whoever may only review may pause one agent by its name: stopping is safe, and they see first that it runs wild. */
function refusalToSet(caller: Caller, { scope, match }: CreateFreeze): Problem | undefined {
  if (mayStopAnything(caller) || (scope === 'agent' && match !== undefined && !match.includes('*'))) {
    return undefined;
  }
  const detail = 'A reviewer may pause one agent, by its full name. Ask a lead or an admin for more.';
  return problem('forbidden', detail);
}

/** A reviewer may go back on their own pause, and on nobody else's. */
function refusalToLift(caller: Caller, id: string): Problem | undefined {
  const known = caller.current.snapshot.freezes.find((freeze) => freeze.id === id);
  if (mayStopAnything(caller) || known === undefined || known.set_by === caller.key.owner) return undefined;
  return problem('forbidden', `${known.set_by} set this freeze. They, a lead or an admin may lift it.`);
}

const Throttles = z.object({ items: z.array(Throttle) });

/** Mounts them. */
export function freezeRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/freeze',
      summary: 'Stop everything, an agent or a tool, at once. A reviewer may pause one agent by its name.',
      roles: ['admin', 'lead', 'reviewer'],
      body: CreateFreeze,
      answers: { 201: { description: 'The freeze.', schema: FreezeView } },
      problems: ['invalid_request'],
    },
    async ({ service, caller, body, c }) => {
      const refusal = refusalToSet(caller, body);
      if (refusal !== undefined) return refusal;
      const { redis, workspaces } = service;
      const set = await setFreeze(redis, workspaces, caller.workspace, body, caller.key.owner);
      if ('code' in set) return set;
      service.onFreeze(caller.workspace);
      return c.json(freezeView(set), 201);
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/freeze',
      summary: 'Freezes, lifted ones too.',
      roles: [],
      answers: {
        200: { description: 'The newest comes first.', schema: z.object({ items: z.array(FreezeView) }) },
      },
    },
    ({ caller, c }) => {
      const newestFirst = caller.current.snapshot.freezes.toSorted((a, b) => b.epoch - a.epoch);
      return c.json({ items: newestFirst.map(freezeView) });
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/v1/throttles',
      summary: 'Agents that have asked people too much and may ask nobody now.',
      roles: ['reviewer', 'lead', 'admin'],
      answers: { 200: { description: 'The one that is held back longest comes first.', schema: Throttles } },
    },
    async ({ service, caller, c }) => c.json({ items: await listThrottles(service.redis, caller.current) }),
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/throttles/{id}',
      summary: 'Let an agent, by its name, ask again before its time is over. What it asked is counted anew.',
      roles: ['lead', 'admin'],
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) =>
      (await liftThrottle(service.redis, caller, id)) ?? c.body(null, 204),
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/freeze/{id}',
      summary: 'Lift a freeze. What it stopped stays stopped.',
      roles: ['admin', 'lead', 'reviewer'],
      answers: { 204: { description: 'Done.' } },
      problems: ['not_found'],
    },
    async ({ service, caller, id, c }) => {
      const refusal = refusalToLift(caller, id);
      if (refusal !== undefined) return refusal;
      const { redis, workspaces } = service;
      const failed = await liftFreeze(redis, workspaces, caller.workspace, id, caller.key.owner);
      return failed ?? c.body(null, 204);
    },
  );
}
