/** For operators and machines: health, readiness, metrics, signing keys, the API's own description. */
import { problem } from '@countersign/shared/contracts';
import { answerProblem } from '@countersign/shared/http';
import { z } from 'zod';
import { jwksMaxAge, publishedKeys } from '../../signing/ring.ts';
import { readRing, SigningUnavailable } from '../../signing/stored-ring.ts';
import { redisTime } from '../../store/redis-time.ts';
import { openApiOf } from '../openapi.ts';
import type { Routes } from '../route.ts';

export type Operations = {
  version: string;
  /** Why this process should get no traffic; empty when it is ready. Rejects when Redis is away. */
  notReady: () => Promise<string[]>;
  metrics: () => Promise<string>;
};

const Ok = z.object({ status: z.string() });

/** Mounts them; last, so that the description knows every call. */
export function operationRoutes(routes: Routes, operations: Operations): void {
  const anyone = 'anyone' as const;
  routes.add(
    {
      method: 'get',
      path: '/healthz',
      summary: 'Is the process alive?',
      roles: anyone,
      answers: { 200: { description: 'It is.', schema: Ok } },
    },
    ({ c }) => c.json({ status: 'ok' }),
  );
  routes.add(
    {
      method: 'get',
      path: '/readyz',
      summary: 'Should it get traffic?',
      roles: anyone,
      answers: { 200: { description: 'Yes.', schema: Ok } },
      problems: ['not_ready'],
    },
    async ({ c }) => {
      const reasons = await operations.notReady();
      if (reasons.length === 0) return c.json({ status: 'ready' });
      return answerProblem(c, problem('not_ready', reasons.join(' '), { reasons }));
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/metrics',
      summary: 'Prometheus metrics.',
      roles: anyone,
      answers: { 200: { description: 'Text.', schema: z.string(), type: 'text/plain' } },
    },
    async ({ c }) => c.text(await operations.metrics()),
  );
  routes.add(
    {
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'Public keys that tokens verify with.',
      roles: anyone,
      answers: {
        200: {
          description: 'A JWK set (RFC 7517).',
          schema: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }),
        },
      },
    },
    async ({ service, c }) => {
      const { redis } = service;
      const [ring, clock] = await Promise.all([readRing(redis), redis.time()]);
      if (ring === undefined) throw new SigningUnavailable('the signing keys have gone');
      c.header('Cache-Control', `public, max-age=${jwksMaxAge}`);
      return c.json({ keys: publishedKeys(ring, redisTime(clock)) });
    },
  );
  routes.add(
    {
      method: 'get',
      path: '/openapi.json',
      summary: 'This description.',
      roles: anyone,
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({}) } },
    },
    ({ c }) => c.json(openApiOf(routes.calls, operations.version)),
  );
}
