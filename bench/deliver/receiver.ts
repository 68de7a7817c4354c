/**
 * Where notices arrive, a process of its own: it answers 204 and keeps count. `GET /after/<n>` is answered when it has
 * counted so many, with when it counted the last, ms of this machine's clock.
 */
import { createServer, type ServerResponse } from 'node:http';

let count = 0;
const waiting: { until: number; response: ServerResponse }[] = [];
const now = (): number => performance.timeOrigin + performance.now();

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    waiting.push({ until: Number(request.url?.split('/').at(-1)), response });
    return settle();
  }
  request.resume();
  request.once('end', () => {
    count += 1;
    response.writeHead(204).end();
    settle();
  });
});

function settle(): void {
  const [next] = waiting;
  if (next === undefined || count < next.until) return;
  waiting.shift();
  count -= next.until;
  next.response.end(JSON.stringify({ at: now() }));
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
});
process.once('SIGTERM', () => process.exit(0));
