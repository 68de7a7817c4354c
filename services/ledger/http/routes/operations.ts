/** For operators and machines: whether the process is alive, whether every log moves, what is counted. */
import { problem } from '@countersign/shared/contracts';
import { z } from 'zod';
import type { Health } from '../../start.ts';
import type { LedgerRoutes } from '../app.ts';

const Ok = z.object({ status: z.string() });

/** Mounts them. */
export function operationRoutes(
  routes: LedgerRoutes,
  health: () => Health,
  metrics: () => Promise<string>,
): void {
  const anyone = { roles: 'anyone', answers: { 200: { description: 'It is.', schema: Ok } } } as const;
  routes.add({ method: 'get', path: '/healthz', summary: 'Is the process alive?', ...anyone }, ({ c }) =>
    c.json({ status: 'ok' }),
  );
  routes.add({ method: 'get', path: '/readyz', summary: 'Does every log move?', ...anyone }, ({ c }) => {
    const { ok, redis, stuck } = health();
    if (ok) return c.json({ status: 'ready' });
    const reason = redis ? `${stuck.length} log(s) do not move.` : 'Redis cannot be reached.';
    return problem('not_ready', `${reason} The process's own log says why.`);
  });
  routes.add(
    {
      method: 'get',
      path: '/metrics',
      summary: 'Prometheus metrics.',
      roles: 'anyone',
      answers: { 200: { description: 'Text.', schema: z.string(), type: 'text/plain' } },
    },
    async ({ c }) => c.text(await metrics()),
  );
}
