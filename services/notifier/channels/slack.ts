/**
 * Slack, by an app's bot token: one message for each conversation, which changes as its request does. Slack has no key
 * by which it would know a message again, so each carries our reference, and a lost answer is looked for by it.
 */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Outbound } from '@countersign/shared/outbound';
import { type Called, callSlack, type SlackAccess } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';
import { alertSlack } from '../messages/alert.ts';
import { isWaiting } from '../messages/short-words.ts';
import { reminder, type SlackMessage, slackMessage } from '../messages/slack-blocks.ts';
import { metadataOf } from '../messages/slack-words.ts';
import {
  type AlertNotice,
  type Attempt,
  type Channel,
  type Notice,
  type Outcome,
  personOf,
} from './channel.ts';
import { disableDestination } from './destination.ts';
import { asksAgain } from './occasion.ts';
import { type Brought, outcomeOfAll, refusal } from './slack-outcome.ts';
import { findSlack, type SlackTarget } from './slack-target.ts';

/** A message that is there: `revision` of the request that it shows, `rung` the last reminder that was added to it. */
type Shown = { channel: string; ts: string; revision: number; rung?: string };
/** What looking for a message came to. Undefined: there is none, or none that the bot may read. */
type Found = Exclude<Brought<Shown>, { kind: 'none' }> | undefined;
/** By conversation, as the destination names it. */
type Kept = Record<string, Shown>;

/** How many of a conversation's newest messages are searched for one whose answer was lost. */
const searched = 15;

/** What messages are about, as they are to say it now. `rings`: the reminder that the notice adds to the thread. */
type Subject = {
  workspace: string;
  id: string;
  revision: number;
  /** ms. */
  since: number;
  ended: boolean;
  message: SlackMessage;
  rings?: { notice: string; text: string };
};

function requestSubject(notice: Notice, { signingSecret, app }: SlackTarget, now: number): Subject {
  const { request } = notice;
  const { workspace, id, revision, created_at } = request;
  const ended = !isWaiting(request, now);
  const rings = { notice: notice.id, text: reminder(request, now) };
  return {
    ...{ workspace, id, revision, since: Date.parse(created_at), ended },
    message: slackMessage(notice, signingSecret === undefined ? undefined : app, now),
    ...(asksAgain(notice.type) && !ended ? { rings } : {}),
  };
}

function alertSubject(notice: AlertNotice): Subject {
  const { workspace, alert } = notice;
  const ended = alert.status === 'cleared';
  const since = Date.parse(alert.raised_at);
  return { workspace, id: alert.id, revision: ended ? 2 : 1, since, ended, message: alertSlack(notice) };
}

/** The channel `slack`. `address.id` is a destination's, or a person's own address. */
export function slackChannel(redis: Redis, out: Outbound): Channel<SlackTarget> {
  return {
    find: (address) => findSlack(redis, address),
    // What ended before anything was said of it is never mentioned.
    needs: (_target, { request }, { now, tried, kept }) =>
      isWaiting(request, now) || tried || kept !== undefined,
    deliver: (target, notice, attempt) =>
      bringAll(out, target, requestSubject(notice, target, attempt.now), attempt),
    async tell(target, notice, attempt) {
      const subject = alertSubject(notice);
      // What ended before anything was said of it is never mentioned.
      if (subject.ended && !attempt.tried && attempt.kept === undefined) return { kind: 'not_needed' };
      return bringAll(out, target, subject, attempt);
    },
    async retire(address, { stored }, at) {
      if (personOf(address.id) !== undefined) return;
      const disabled = { at, reason: 'Slack says that its token or its conversations are gone.' };
      await disableDestination(redis, address, stored, disabled);
    },
    secrets: ({ token, signingSecret }) => [token, signingSecret ?? ''],
  };
}

/** Brings every conversation to where the subject is now. */
async function bringAll(
  out: Outbound,
  target: SlackTarget,
  subject: Subject,
  attempt: Attempt,
): Promise<Outcome> {
  const kept = (attempt.kept ?? {}) as Kept;
  // One deadline for all of it: an attempt must end before its turn does.
  const signal = AbortSignal.timeout(out.timeoutMs);
  const bring = bringing(out, target, subject, attempt, signal);
  // A conversation that the destination no longer names has its message brought to an end as well.
  const names = [...new Set([...target.conversations, ...Object.keys(kept)])];
  const brought = await Promise.all(
    names.map(async (name): Promise<[string, Brought<Shown>]> => [name, await bring(name, kept[name])]),
  );
  return outcomeOf(brought, kept);
}

function outcomeOf(brought: [string, Brought<Shown>][], kept: Kept): Outcome {
  const shown = brought.flatMap(([name, each]): [string, Shown][] =>
    each.kind === 'shown' ? [[name, each.shown]] : [],
  );
  const lost = brought.flatMap(([name, each]) => (each.kind === 'none' ? [name] : []));
  const still = Object.entries(kept).filter(([name]) => !lost.includes(name));
  const keep: Kept = { ...Object.fromEntries(still), ...Object.fromEntries(shown) };
  return outcomeOfAll(brought, Object.keys(keep).length === 0 ? undefined : keep);
}

/** Brings one conversation to where the subject is now. */
function bringing(
  out: Outbound,
  target: SlackTarget,
  { workspace, id, revision, since, ended, message, rings }: Subject,
  { tried }: Attempt,
  signal: AbortSignal,
): (name: string, before: Shown | undefined) => Promise<Brought<Shown>> {
  const access: SlackAccess = { base: target.base, token: target.token };
  const call = (method: string, args: Record<string, unknown>, form = false) =>
    callSlack(out, access, method, args, { form, signal });
  const reference = `${workspace}/${id}/${target.reference}`;
  const metadata = metadataOf('countersign_request', reference);
  // What agents write must not be unfurled: Slack would fetch it, and show what it says.
  const literal = { parse: 'none', link_names: false };
  const quiet = { ...literal, unfurl_links: false, unfurl_media: false, mrkdwn: false };

  /** A message that was posted and whose answer was lost. Where the bot may not read, it is not found. */
  async function lookFor(name: string): Promise<Found> {
    const opened = /^[UW]/.test(name) ? await call('conversations.open', { users: name }) : undefined;
    if (opened !== undefined && opened.kind !== 'ok') return unread(opened);
    const channel = opened === undefined ? name : idOf(opened.body.channel);
    if (channel === undefined) return undefined;
    const oldest = (since / 1_000 - 60).toFixed(6);
    const args = { channel, oldest, limit: searched, include_all_metadata: true };
    const history = await call('conversations.history', args, true);
    if (history.kind !== 'ok') return unread(history);
    const messages = Array.isArray(history.body.messages) ? history.body.messages : [];
    const found = (messages as JsonObject[]).find((each) => referenceOf(each) === reference);
    return typeof found?.ts === 'string'
      ? { kind: 'shown', shown: { channel, ts: found.ts, revision: 0 } }
      : undefined;
  }

  async function post(name: string): Promise<Brought<Shown>> {
    const posted = await call('chat.postMessage', { channel: name, ...message, metadata, ...quiet });
    if (posted.kind !== 'ok') return refusal(posted);
    const { channel, ts } = posted.body;
    if (typeof channel !== 'string' || typeof ts !== 'string')
      return { kind: 'failed', code: 'slack_unreadable', retry: 'scheduled', gone: false };
    return { kind: 'shown', shown: { channel, ts, revision } };
  }

  /** Nothing is begun with what is over, nor in a conversation that the destination no longer names. */
  function begin(name: string): Promise<Brought<Shown>> | Brought<Shown> {
    return ended || !target.conversations.includes(name) ? { kind: 'none' } : post(name);
  }

  async function update(name: string, shown: Shown): Promise<Brought<Shown>> {
    if (shown.revision === revision) return { kind: 'shown', shown };
    const { channel, ts } = shown;
    const updated = await call('chat.update', { channel, ts, ...message, metadata, ...literal });
    if (updated.kind === 'ok') return { kind: 'shown', shown: { ...shown, revision } };
    // Somebody has deleted it: what still waits is said again, and what is over is left alone.
    if (updated.kind === 'error' && updated.error === 'message_not_found') return begin(name);
    return refusal(updated);
  }

  async function ring(shown: Shown, { notice, text }: NonNullable<typeof rings>): Promise<Brought<Shown>> {
    const { channel, ts: thread_ts } = shown;
    const said = await call('chat.postMessage', {
      channel,
      thread_ts,
      reply_broadcast: true,
      text,
      metadata: metadataOf('countersign_reminder', reference),
      ...quiet,
    });
    if (said.kind !== 'ok') return refusal(said);
    return { kind: 'shown', shown: { ...shown, rung: notice } };
  }

  return async (name, before) => {
    const found: Found = before ? { kind: 'shown', shown: before } : tried ? await lookFor(name) : undefined;
    if (found === undefined) return begin(name);
    if (found.kind !== 'shown') return found;
    const { shown } = found;
    const brought = await update(name, shown);
    // A message that changes rings nobody: what asks again is added to its thread.
    if (rings === undefined || shown.rung === rings.notice) return brought;
    if (brought.kind !== 'shown' || brought.shown.ts !== shown.ts) return brought;
    return ring(brought.shown, rings);
  };
}

/** Where it is not known whether a message is there, that is asked again: to begin anew would say it twice. */
function unread(called: Exclude<Called, { kind: 'ok' }>): Found {
  const refused = refusal(called);
  return refused.kind === 'failed' && refused.retry === 'scheduled' ? refused : undefined;
}

function idOf(channel: unknown): string | undefined {
  const id = typeof channel === 'object' && channel !== null && 'id' in channel ? channel.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Our reference in the metadata of a message that shows a request, or undefined. */
function referenceOf(message: { metadata?: unknown }): string | undefined {
  const { metadata } = message;
  if (typeof metadata !== 'object' || metadata === null || !('event_payload' in metadata)) return undefined;
  if (!('event_type' in metadata) || metadata.event_type !== 'countersign_request') return undefined;
  const payload = metadata.event_payload;
  const reference =
    typeof payload === 'object' && payload !== null && 'reference' in payload ? payload.reference : undefined;
  return typeof reference === 'string' ? reference : undefined;
}
