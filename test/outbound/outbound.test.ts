import { outbound } from '@countersign/shared/outbound';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const message = { headers: { 'content-type': 'application/json' }, body: '{}' };
let receiver: WebhookReceiver;
const strict = outbound({ allowLoopback: false, timeoutMs: 2_000 });
const development = outbound({ allowLoopback: true, timeoutMs: 1_000 });

beforeAll(async () => {
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  strict.close();
  development.close();
  await receiver.stop();
});

describe('hostile addresses', () => {
  const hostile = [
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://localhost/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[::a9fe:a9fe]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[2002:a9fe:a9fe::]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[ff02::1]/',
    'https://[::1:0:0:0:1]/',
    'https://[200::1]/',
    'https://[4000::1]/',
    'https://[8000::1]/',
    'https://168.63.129.16/',
  ];

  test.each(hostile)('%s is refused before anything is sent', async (url) => {
    expect(await strict.post(url, message)).toEqual({ kind: 'refused', code: 'address_refused' });
  });

  test.each(hostile.filter((url) => !/127|2130706433|0x7f|0177|localhost|\[::1\]/.test(url)))(
    '%s is refused in development too',
    async (url) => {
      expect(await development.post(url, message)).toEqual({ kind: 'refused', code: 'address_refused' });
    },
  );

  test.each(['http://example.com/', 'http://127.0.0.1/', 'ftp://example.com/', 'file:///etc/passwd'])(
    '%s is refused for not being https',
    async (url) => {
      expect(await strict.post(url, message)).toEqual({ kind: 'refused', code: 'insecure_url' });
    },
  );

  test('plain http is for this machine only, in development', async () => {
    expect(await development.post('http://93.184.216.34/', message)).toEqual({
      kind: 'refused',
      code: 'address_refused',
    });
    expect(await development.post(receiver.url, message)).toMatchObject({ kind: 'answered', status: 204 });
    const byName = receiver.url.replace('127.0.0.1', 'localhost');
    expect(await development.post(byName, message)).toMatchObject({ kind: 'answered', status: 204 });
  });

  test('what is no URL, and what is no header, is refused', async () => {
    expect(await strict.post('nonsense', message)).toEqual({ kind: 'refused', code: 'invalid_url' });
    const headers = { 'x-bad': 'a\r\nx-more: b' };
    const answer = await development.post(receiver.url, { headers, body: '' });
    expect(answer).toEqual({ kind: 'refused', code: 'invalid_message' });
  });
});

describe('rude peers', () => {
  test('a redirect is an answer and is not followed', async () => {
    const before = receiver.received.length;
    receiver.answerWith({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    expect(await development.post(receiver.url, message)).toMatchObject({ kind: 'answered', status: 307 });
    expect(receiver.received.slice(before).map(({ path }) => path)).toEqual(['/']);
  });

  test('a peer that never answers is left at the deadline', async () => {
    receiver.answerWith(() => {});
    expect(await development.post(receiver.url, message)).toEqual({ kind: 'lost', code: 'timeout' });
  });

  test('a peer that drips has answered, and holds nobody up beyond the deadline', async () => {
    receiver.answerWith((response) => {
      response.writeHead(200);
      response.write('drip');
    });
    expect(await development.post(receiver.url, message)).toEqual({
      kind: 'answered',
      status: 200,
      text: 'drip',
    });
  });

  test('of a flood the first bytes are kept and the rest is cut off', async () => {
    receiver.answerWith((response) => {
      response.writeHead(200);
      const flood = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', flood);
      flood();
    });
    const answer = await development.post(receiver.url, message);
    expect(answer).toEqual({ kind: 'answered', status: 200, text: 'x'.repeat(4_096) });
  });

  test('more of an answer is kept where more is asked for', async () => {
    receiver.answerWith({ status: 200, body: 'x'.repeat(50_000) });
    const answer = await development.post(receiver.url, { ...message, keepBytes: 40_000 });
    expect(answer).toEqual({ kind: 'answered', status: 200, text: 'x'.repeat(40_000) });
  });

  test('a deadline that several messages share ends each of them', async () => {
    receiver.answerWith(() => {});
    const patient = outbound({ allowLoopback: true, timeoutMs: 60_000 });
    const signal = AbortSignal.timeout(50);
    expect(await patient.post(receiver.url, { ...message, signal })).toEqual({
      kind: 'lost',
      code: 'timeout',
    });
    expect(await patient.post(receiver.url, { ...message, signal })).toEqual({
      kind: 'unreached',
      code: 'timeout',
    });
    patient.close();
  });

  test.each([
    ['to what it names', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ])('a peer that switches protocols, %s, has answered and is let go', async (_, head) => {
    const patient = outbound({ allowLoopback: true, timeoutMs: 60_000 });
    const closed = new Promise((resolve) => {
      receiver.answerWith((response) => {
        response.socket?.once('close', resolve);
        response.socket?.write(head);
      });
    });
    expect(await patient.post(receiver.url, message)).toEqual({ kind: 'answered', status: 101, text: '' });
    await closed;
    patient.close();
  });

  test('a connection reset is lost, with the network’s own word for it', async () => {
    const fresh = outbound({ allowLoopback: true, timeoutMs: 10_000 });
    receiver.answerWith((response) => response.socket?.resetAndDestroy());
    expect(await fresh.post(receiver.url, message)).toEqual({ kind: 'lost', code: 'econnreset' });
    fresh.close();
  });

  test('Retry-After is read as seconds and as a date', async () => {
    receiver.answerWith({ status: 429, headers: { 'retry-after': '7' } });
    expect(await development.post(receiver.url, message)).toMatchObject({
      status: 429,
      retry_after_ms: 7_000,
    });
    const date = new Date(Date.now() + 60_000).toUTCString();
    receiver.answerWith({ status: 503, headers: { 'retry-after': date } });
    const answer = await development.post(receiver.url, message);
    expect(answer.kind === 'answered' && answer.retry_after_ms).toBeGreaterThan(50_000);
    receiver.answerWith({ status: 503, headers: { 'retry-after': 'soon' } });
    expect(await development.post(receiver.url, message)).not.toHaveProperty('retry_after_ms');
  });
});
