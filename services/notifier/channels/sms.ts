/**
 * Text messages through Twilio's HTTP API, to the numbers of a destination or to one person's own. They only ask: how a
 * request ended is not worth waking anyone for.
 *
 * Twilio knows no idempotency key: where its answer is lost, the number may get the same text twice. Numbers that were
 * reached are kept, so that a number that fails does not bring the others theirs again.
 */
import type { PersonRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { alertText } from '../messages/alert.ts';
import { isWaiting } from '../messages/short-words.ts';
import { textMessage } from '../messages/text-message.ts';
import {
  type AlertNotice,
  type AnyAddress,
  type Attempt,
  type Channel,
  type Found,
  type Notice,
  type Outcome,
  personOf,
  sentNothing,
} from './channel.ts';
import { findDestination, incomplete } from './destination.ts';
import { outcomeOf } from './http-outcome.ts';
import { asksAgain } from './occasion.ts';
import type { Settings } from './settings.ts';

type Account = NonNullable<Settings['sms']>;
export type SmsTarget = { account: Account; numbers: string[] };

const publicUrl = 'https://api.twilio.com';

/**
 * What the delivery record keeps: the notice that was texted last, the numbers that have it, and those that Twilio will
 * not text, each with how it said so.
 */
const Kept = z.object({
  notice: z.string(),
  reached: z.array(z.string()),
  refused: z.record(z.string(), z.object({ code: z.string(), status: z.number(), response: z.string() })),
});
type Kept = z.infer<typeof Kept>;

const Answer = z.object({
  sid: z.string().max(64).optional(),
  status: z.union([z.string().max(32), z.number()]).optional(),
  code: z.number().optional(),
});

/** What is kept of an answer: which text it was, how it stands, what was wrong. All of it would repeat the text itself. */
function toldIn(response: string): string {
  let read: unknown;
  try {
    read = JSON.parse(response);
  } catch {
    return '';
  }
  const answer = Answer.safeParse(read);
  return answer.success ? JSON.stringify(answer.data) : '';
}

/** Those who neither have the text nor refused it. */
const leftOf = (numbers: readonly string[], { reached, refused }: Kept): string[] =>
  numbers.filter((each) => !reached.includes(each) && !(each in refused));

/** Where the texts that are due stand; nothing, where none is. */
function begunWith(
  { id, type, request }: Notice,
  { now, kept, replay }: Attempt,
  numbers: readonly string[],
): Kept | undefined {
  if (!isWaiting(request, now)) return undefined;
  const before = Kept.safeParse(kept).data;
  const isNew = before !== undefined && before.notice !== id && (asksAgain(type) || replay);
  if (before === undefined || isNew) return { notice: id, reached: [], refused: {} };
  // What some numbers have yet to get they get by whatever event comes next: an earlier one gives way to it.
  return before.notice === id || leftOf(numbers, before).length > 0 ? before : undefined;
}

/** An alert is texted once, while it stands. */
function alertBegunWith(
  { id, alert }: AlertNotice,
  { kept }: Attempt,
  numbers: readonly string[],
): Kept | undefined {
  if (alert.status === 'cleared') return undefined;
  const before = Kept.safeParse(kept).data;
  if (before === undefined) return { notice: id, reached: [], refused: {} };
  return leftOf(numbers, before).length > 0 ? before : undefined;
}

/** The channel `sms`. `address.id` is a destination's, or a person's own. */
export function smsChannel(redis: Redis, out: Outbound, account: Account | undefined): Channel<SmsTarget> {
  async function numbersOf(address: AnyAddress): Promise<Found<string[]>> {
    const { workspace, id } = address;
    const person = personOf(id);
    if (person === undefined) {
      const found = await findDestination(redis, address);
      if (!found.found) return found;
      const { to } = found.target.destination;
      return to === undefined ? incomplete : { found: true, target: [...new Set(to)] };
    }
    const stored = await redis.hget(workspaceKeys(workspace).people, person);
    const phone = stored === null ? undefined : (JSON.parse(stored) as PersonRecord).phone;
    return phone === undefined
      ? { found: false, why: 'no_phone', quiet: true }
      : { found: true, target: [phone] };
  }

  async function text({ accountSid, authToken, from, url }: Account, to: string, body: string) {
    const endpoint = `${url ?? publicUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
    const headers = {
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const form = new URLSearchParams({ To: to, From: from, Body: body }).toString();
    // Twilio advises against reading its error codes; a 400 of any of them is about this number or this text.
    const outcome = outcomeOf(await out.post(endpoint, { headers, body: form }), { gone: [], never: [400] });
    return 'response' in outcome ? { ...outcome, response: toldIn(outcome.response) } : outcome;
  }

  /** All at once: one after the other, many numbers would outlast the turn. */
  async function textAll(account: Account, numbers: string[], begun: Kept, body: string): Promise<Outcome> {
    const made = await Promise.all(
      leftOf(numbers, begun).map(async (number) => ({ number, outcome: await text(account, number, body) })),
    );
    return settled(begun, made);
  }

  return {
    async find(address) {
      const numbers = await numbersOf(address);
      if (!numbers.found) return numbers;
      if (account === undefined) return { found: false, why: 'sms_not_set_up', quiet: false };
      return { found: true, target: { account, numbers: numbers.target } };
    },

    async deliver({ account, numbers }, notice, attempt) {
      const begun = begunWith(notice, attempt, numbers);
      return begun === undefined
        ? { kind: 'not_needed' }
        : textAll(account, numbers, begun, textMessage(notice, attempt.now));
    },

    async tell({ account, numbers }, notice, attempt) {
      const begun = alertBegunWith(notice, attempt, numbers);
      return begun === undefined
        ? { kind: 'not_needed' }
        : textAll(account, numbers, begun, alertText(notice));
    },

    // A number that is gone is one of several, or a person's own: theirs to change.
    retire: async () => {},
    secrets: ({ account: { accountSid, authToken }, numbers }) => [
      authToken,
      Buffer.from(`${accountSid}:${authToken}`).toString('base64'),
      // Personal data, which Twilio repeats in its answers.
      ...numbers,
    ],
  };
}

/** What came of it for all numbers together: one that is to be tried again, else one that was refused, else the text went. */
function settled(begun: Kept, made: { number: string; outcome: Outcome }[]): Outcome {
  const keep: Kept = { ...begun, reached: [...begun.reached], refused: { ...begun.refused } };
  for (const { number, outcome } of made) {
    if (outcome.kind === 'delivered') keep.reached.push(number);
    if (outcome.kind === 'failed' && outcome.retry === 'never')
      keep.refused[number] = {
        code: outcome.code,
        status: outcome.status ?? 0,
        response: outcome.response ?? '',
      };
  }
  const outcomes = made.map(({ outcome }) => outcome);
  const failed = outcomes.find(
    (outcome): outcome is Extract<Outcome, { kind: 'failed' }> =>
      outcome.kind === 'failed' && outcome.retry === 'scheduled',
  );
  if (failed !== undefined) {
    const waits = outcomes.map((outcome) => (outcome.kind === 'failed' ? (outcome.retry_after_ms ?? 0) : 0));
    const longest = Math.max(...waits);
    const { nothing_sent: _toThisNumber, ...outcome } = failed;
    return {
      ...outcome,
      ...(outcomes.every(sentNothing) ? { nothing_sent: true } : {}),
      ...(longest > 0 ? { retry_after_ms: longest } : {}),
      keep,
    };
  }
  const notTried = outcomes.find((outcome) => outcome.kind === 'not_tried');
  if (notTried !== undefined) return notTried;
  const [refused] = Object.values(keep.refused);
  if (refused !== undefined) return { kind: 'failed', retry: 'never', gone: false, ...refused, keep };
  const delivered = outcomes.find((outcome) => outcome.kind === 'delivered');
  return delivered === undefined ? { kind: 'not_needed' } : { ...delivered, keep };
}
