/** Waiting holds no worker, and whoever goes away leaves nothing behind. */
import { connect } from 'node:net';
import type { RequestView } from '@countersign/shared/contracts';
import { afterEach, expect, test } from 'vitest';
import { openStream } from './event-stream.ts';
import { onStage } from './stage.ts';

const stage = onStage();

let n = 0;
const ask = (more = {}) => stage.ask('a.write', { nonce: ++n, ...more });

/** How many long polls and streams wait, as operators see it. */
async function waiting(): Promise<number> {
  const text = await (await fetch(`${stage.intake.url}/metrics`)).text();
  return Number(/^countersign_waiting_calls (\d+)$/m.exec(text)?.[1]);
}
const untilWaiting = (count: number) => expect.poll(waiting, { timeout: 15_000, interval: 20 }).toBe(count);

/** A long poll of a minute; without the checks of `stage.call`, which would cost more than the call. */
const poll = ({ id }: RequestView, signal?: AbortSignal) =>
  fetch(`${stage.intake.url}/v1/requests/${id}`, {
    headers: { authorization: `Bearer ${stage.keys.agent}`, prefer: 'wait=60' },
    ...(signal === undefined ? {} : { signal }),
  });

afterEach(() => untilWaiting(0));

test('1,000 long polls are woken by the decisions that they wait for', async () => {
  const requests = await Promise.all(Array.from({ length: 100 }, () => ask()));
  const polls = requests.flatMap((request) => Array.from({ length: 10 }, () => poll(request)));
  await untilWaiting(1000);
  const began = performance.now();
  for (const request of requests) await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  const answers = await Promise.all(
    polls.map(async (answer) => (await answer).json() as Promise<RequestView>),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['approved']));
  expect(answers.every(({ token }) => token !== undefined)).toBe(true);
  // Woken, and not found by the re-read of every five seconds or at the end of the minute.
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('while hundreds wait, other calls are answered', async () => {
  const request = await ask();
  const stop = new AbortController();
  const polls = Array.from({ length: 300 }, () => poll(request, stop.signal).catch(() => {}));
  await untilWaiting(300);
  expect((await ask()).status).toBe('pending');
  stop.abort();
  await Promise.all(polls);
});

test('a long poll that its client gives up leaves no listener', async () => {
  const requests = await Promise.all(Array.from({ length: 20 }, () => ask()));
  const stop = new AbortController();
  const polls = requests.flatMap((request) =>
    Array.from({ length: 10 }, () => poll(request, stop.signal).catch(() => 'gone')),
  );
  await untilWaiting(200);
  stop.abort();
  expect(new Set(await Promise.all(polls))).toEqual(new Set(['gone']));
  await untilWaiting(0);
});

test('a stream that its client closes leaves no listener', async () => {
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => openStream(stage.intake.url, stage.keys.reviewer)),
  );
  await untilWaiting(20);
  for (const stream of streams) stream.close();
  await untilWaiting(0);
});

test('a client that does not read its stream delays nobody, and is let go when it leaves', async () => {
  const { hostname, port } = new URL(stage.intake.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(
    `GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${stage.keys.lead}\r\nLast-Event-ID: 0-1\r\n\r\n`,
  );
  await untilWaiting(1);
  const reader = await openStream(stage.intake.url, stage.keys.lead);
  await Promise.all(Array.from({ length: 500 }, () => ask()));
  const last = await ask();
  await expect
    .poll(() => reader.events.map(({ data }) => data.request_id), { timeout: 20_000 })
    .toContain(last.id);
  reader.close();
  socket.destroy();
});

test('a client that sends its body slowly delays nobody', async () => {
  const { hostname, port } = new URL(stage.intake.url);
  const body = JSON.stringify({ agent: 'tester', tool: 'a.write', args: { slow: true } });
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  const head = `POST /v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${stage.keys.agent}\r\n`;
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
  expect((await ask()).status).toBe('pending');
  expect(answer).toBe('');
  socket.write(body.slice(10));
  await expect.poll(() => answer).toMatch(/^HTTP\/1\.1 202 /);
  socket.destroy();
});

test('a stopped intake ends what waits, and the client may ask another', async () => {
  const { startTestIntake } = await import('../support/intake.ts');
  const second = await startTestIntake({ redisUrl: stage.server.url, keys: stage.keys });
  const request = await ask();
  const stream = await openStream(second.url, stage.keys.reviewer);
  const held = fetch(`${second.url}/v1/requests/${request.id}`, {
    headers: { authorization: `Bearer ${stage.keys.agent}`, prefer: 'wait=60' },
  }).then(
    ({ status }) => status,
    () => 'cut',
  );
  await expect.poll(() => stream.events.length).toBeGreaterThan(0);
  const began = performance.now();
  await second.stop();
  expect(['cut', 200]).toContain(await held);
  await stream.ended;
  expect(performance.now() - began).toBeLessThan(10_000);
  expect((await stage.read(stage.keys.agent, request.id)).body.status).toBe('pending');
});
