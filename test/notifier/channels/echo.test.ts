/** Law 12: no argument gets into the delivery log by way of a peer that repeats what it was sent. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../services/notifier/channels/channel.ts';
import { leftOut, withoutEcho } from '../../../services/notifier/channels/echo.ts';
import { sampleRequest } from '../../extension/sample.ts';
import { startTestNotifier } from '../../support/notifier.ts';
import { startTestRedis } from '../../support/redis.ts';
import { startTwilioPeer } from '../../support/twilio-peer.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import { testWorkspace } from '../workspace.ts';

const args = {
  amount: 5,
  currency: 'EUR',
  email: 'ünal.smith@acme.com',
  note: 'Paid "twice"\nby mistake & chance',
};
const request = sampleRequest({
  args,
  reason: 'The customer reported two captures.',
  context: { tier: 'gold plus' },
});
const answered = (response: string, view: RequestView = request) => {
  const outcome: Outcome = { kind: 'delivered', status: 200, response };
  return (withoutEcho(outcome, view) as { response: string }).response;
};

describe('law 12: an answer that repeats the request is left out of the log', () => {
  const json = JSON.stringify({ received: { args } });
  const form = new URLSearchParams({ body: args.note }).toString();
  const escaped = json.replaceAll('ü', '\\u00fc');
  test.each([
    ['all of it', JSON.stringify({ data: { request } })],
    ['the arguments', json],
    ['indented', JSON.stringify({ args }, null, 4)],
    ['with escapes', escaped.slice(escaped.indexOf('"email"'))],
    ['JSON in JSON', JSON.stringify({ got: JSON.stringify({ note: args.note }) })],
    ['as a form', form],
    ['an address of it', `no such customer: ${args.email.toUpperCase()}`],
    ['an address as a form has it', encodeURIComponent(args.email)],
    ['in HTML', '<pre>by mistake &amp; chance</pre>'],
    ['in HTML by numbers', '<b>&#252;nal&#46;smith&#x40;acme.com</b>'],
    ['a piece of a text', 'the customer reported tw'],
    ['a short value by its name', '{"amount": 5}'],
    ['a short value as an element', '<amount>5</amount>'],
    ['a short value as XML has it', 'currency=eur;'],
    ['a value of the context', 'tier: Gold Plus'],
    ['behind a long beginning', `${'.'.repeat(500)}${json}`],
  ])('%s', (_, response) => {
    expect(answered(response)).toBe(leftOut);
  });

  test.each([
    'ok',
    '{"ok":true,"id":"5"}',
    '<html>502 Bad Gateway</html>',
    'invalid_payload',
    'amount 57',
    '',
  ])('any other is kept: %s', (response) => {
    expect(answered(response)).toBe(response);
  });

  test('nothing of it is passed on beyond what was looked at', () => {
    expect(answered(`${'.'.repeat(2_048)}${json}`)).toBe('.'.repeat(2_048));
  });

  test('a failure’s answer is no other', () => {
    const failed = {
      kind: 'failed',
      code: 'http_500',
      retry: 'scheduled',
      gone: false,
      response: json,
    } as const;
    expect(withoutEcho(failed, request)).toEqual({ ...failed, response: leftOut });
  });

  test('what a key or a value is made of does not matter', () => {
    const value = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.integer(), fc.jsonValue());
    const any = fc.dictionary(fc.string({ unit: 'grapheme' }), value, { maxKeys: 5 });
    fc.assert(
      fc.property(any, fc.string({ unit: 'grapheme', minLength: 4 }), (odd, note) => {
        const view = sampleRequest({ args: { ...odd, note } as JsonObject });
        expect([leftOut, 'fine']).toContain(answered('fine', view));
        if (/[\p{L}\p{N}]/u.test(note)) expect(answered(JSON.stringify({ note }), view)).toBe(leftOut);
      }),
    );
  });
});

describe('law 12: the delivery log of a notifier', () => {
  const peers = Promise.all([startTestRedis(), startWebhookReceiver(), startTwilioPeer()]);
  let notifier: Awaited<ReturnType<typeof startTestNotifier>>;
  beforeAll(async () => {
    const [server, , twilio] = await peers;
    notifier = await startTestNotifier({
      redisUrl: server.url,
      settings: { sms: twilio.account },
    });
  });
  afterAll(async () => {
    await notifier.stop();
    await Promise.all((await peers).map((peer) => peer.stop()));
  });

  test('holds no argument that a webhook’s receiver sends back', async () => {
    const [server, receiver] = await peers;
    const workspace = testWorkspace(server.client(), 'echo');
    await workspace.open();
    await workspace.addDestination(`${receiver.url}/echo`);
    receiver.answerWith((response) => {
      const { text } = receiver.received.at(-1) ?? { text: '' };
      response.writeHead(200).end(text.slice(text.indexOf('"args"'), text.indexOf('"args"') + 300));
    });
    await workspace.create('req_1');
    await expect.poll(() => workspace.attempts()).toMatchObject([{ status: 200, response: leftOut }]);
  });

  test('holds of Twilio’s answer its id and its status, and no text', async () => {
    const [server] = await peers;
    const workspace = testWorkspace(server.client(), 'twilio');
    await workspace.open();
    await workspace.addDestination('', { kind: 'sms', to: ['+4915112345678'] });
    await workspace.create('req_1', { tool_facts: { card: { title: 'Refund {order}' } } });
    const response = expect.stringMatching(/^\{"sid":"SM\w{32}","status":"queued"\}$/);
    await expect.poll(() => workspace.attempts()).toMatchObject([{ status: 201, response }]);
  });
});
