/** The load generator, a process of its own: sends what its parent asks for, answers with what came of it, and ends. */
import autocannon from 'autocannon';
import type { Load, LoadResult } from './send-load.ts';

process.once('message', async (load: Load) => {
  let sent = 0;
  const started = performance.now();
  // autocannon itself ends on a full second, which would round the rate.
  let answered = started;
  const running = autocannon({
    url: load.url,
    connections: load.connections,
    amount: load.amount,
    requests: load.bodies.map((body) => ({
      method: 'POST',
      path: '/v1/requests',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${load.key}` },
      body,
      // Each proposal is a new one, as an agent would send it.
      setupRequest: (request) => {
        request.headers['idempotency-key'] = `${load.name}-${sent++}`;
        return request;
      },
    })),
  });
  running.on('response', () => {
    answered = performance.now();
  });
  const result = await running;
  const answer: LoadResult = {
    perSecond: load.amount / ((answered - started) / 1000),
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.errors + result.timeouts + result.non2xx,
  };
  process.send?.(answer);
  process.disconnect();
});
