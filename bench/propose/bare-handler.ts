/** The least that anyone would write instead: a Hono handler that parses the JSON and adds one delayed job. */
import { serve } from '@hono/node-server';
import { Queue } from 'bullmq';
import { Hono } from 'hono';

const { hostname, port } = new URL(process.env.REDIS_URL ?? '');
const queue = new Queue('bare', { connection: { host: hostname, port: Number(port) } });

const app = new Hono();
app.post('/v1/requests', async (c) => {
  const job = await queue.add('expire', await c.req.json(), { delay: 3_600_000 });
  return c.json({ id: job.id }, 202);
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${info.port}` })),
);
process.once('SIGTERM', async () => {
  server.close();
  await queue.close();
  process.exit(0);
});
