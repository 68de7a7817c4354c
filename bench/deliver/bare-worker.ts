/** The least that anyone would write instead: a BullMQ worker that signs the body in its job and POSTs it. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import { Queue, Worker } from 'bullmq';

const { hostname, port } = new URL(process.env.REDIS_URL ?? '');
const connection = { host: hostname, port: Number(port) };
const target = process.env.TARGET ?? '';
const key = Buffer.alloc(32, 7);
const { privateKey } = generateKeyPairSync('ed25519');
const agent = new Agent({ keepAlive: true });
const queue = new Queue<{ body: string }>('bare-deliveries', { connection });

function post(id: string, body: string): Promise<number> {
  const at = String(Math.floor(Date.now() / 1_000));
  const content = `${id}.${at}.${body}`;
  const signature = createHmac('sha256', key).update(content).digest('base64');
  const asymmetric = sign(null, Buffer.from(content), privateKey).toString('base64');
  return new Promise((resolve, reject) => {
    const sending = request(target, {
      method: 'POST',
      agent,
      headers: {
        'user-agent': 'bare',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'webhook-id': id,
        'webhook-timestamp': at,
        'webhook-signature': `v1,${signature} v1a,${asymmetric}`,
      },
    });
    sending.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

const worker = new Worker<{ body: string }>(
  'bare-deliveries',
  async (job) => {
    const status = await post(job.id ?? '', job.data.body);
    if (status >= 300) throw new Error(`http_${status}`);
    return status;
  },
  { connection, concurrency: 200, removeOnComplete: { age: 3_600 }, autorun: false },
);
void worker.run();

/** `POST /<n>` with a body: adds it so often, the worker at rest; `GET /`: sets the worker to work. */
const server = createServer(async (incoming, response) => {
  if (incoming.method === 'GET') {
    worker.resume();
    return response.end();
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  await worker.pause();
  const count = Number(incoming.url?.slice(1));
  const jobs = Array.from({ length: count }, () => ({ name: 'webhook', data: { body } }));
  await queue.addBulk(jobs);
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const listening = typeof address === 'object' ? address?.port : 0;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${listening}` }));
});
process.once('SIGTERM', () => process.exit(0));
