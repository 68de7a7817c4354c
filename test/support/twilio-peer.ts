/**
 * A stateful stand-in for Twilio's Messages resource: https://www.twilio.com/docs/messaging/api/message-resource
 */
import { type Call, type HttpPeer, json, type Reply, startHttpPeer } from './http-peer.ts';

export type TextMessage = { sid: string; to: string; from: string; body: string };

export type TwilioPeer = HttpPeer & {
  /** Every text that was taken. */
  messages: TextMessage[];
  /** Numbers whose owners answered STOP. */
  unsubscribed: Set<string>;
  account: { accountSid: string; authToken: string; from: string; url: string };
};

const most = 1_600;

export async function startTwilioPeer(): Promise<TwilioPeer> {
  const messages: TextMessage[] = [];
  const unsubscribed = new Set<string>();
  const account = {
    accountSid: `AC${'a1'.repeat(16)}`,
    authToken: '9f'.repeat(16),
    from: '+15005550006',
  };
  const refuse = (status: number, code: number, message: string) =>
    json(status, {
      code,
      message,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    });
  const expected = `Basic ${Buffer.from(`${account.accountSid}:${account.authToken}`).toString('base64')}`;

  function handle({ method, path, headers, text }: Call): Reply {
    if (headers.authorization !== expected) return refuse(401, 20003, 'Authenticate');
    if (method !== 'POST' || path !== `/2010-04-01/Accounts/${account.accountSid}/Messages.json`)
      return refuse(404, 20404, `The requested resource ${path} was not found`);
    if (headers['content-type'] !== 'application/x-www-form-urlencoded')
      return refuse(400, 21604, "A 'To' phone number is required.");
    const form = new URLSearchParams(text);
    const [to, from, body] = ['To', 'From', 'Body'].map((name) => form.get(name) ?? '');
    if (to === undefined || from === undefined || body === undefined) throw new Error('no form');
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return refuse(400, 21211, `Invalid 'To' Phone Number: ${to}`);
    if (from !== account.from) return refuse(400, 21606, `The 'From' phone number ${from} is not yours`);
    if (body === '') return refuse(400, 21602, 'Message body is required.');
    if (body.length > most) return refuse(400, 21617, 'The concatenated message body exceeds the limit');
    if (unsubscribed.has(to)) return refuse(400, 21610, `Attempt to send to unsubscribed recipient ${to}`);
    const sid = `SM${String(messages.length).padStart(32, '0')}`;
    messages.push({ sid, to, from, body });
    return json(201, { sid, to, from, body, status: 'queued', num_segments: '1', error_code: null });
  }

  const peer = await startHttpPeer(handle);
  return { ...peer, messages, unsubscribed, account: { ...account, url: peer.url } };
}
