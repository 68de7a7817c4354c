/**
 * Slack, by an app's bot token: one message for each conversation, which changes as its request does. Slack has no key
 * by which it would know a message again, so each carries our reference, and a lost answer is looked for by it.
 */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Outbound } from '@countersign/shared/outbound';
import { type Called, callSlack, type SlackAccess } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';
import { isWaiting } from '../messages/short-words.ts';
import { reminder, slackMessage } from '../messages/slack-blocks.ts';
import { metadataOf } from '../messages/slack-words.ts';
import { type Attempt, type Channel, type Notice, type Outcome, personOf } from './channel.ts';
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

/** The channel `slack`. `address.id` is a destination's, or a person's own address. */
export function slackChannel(redis: Redis, out: Outbound): Channel<SlackTarget> {
  return {
    find: (address) => findSlack(redis, address),
    // What ended before anything was said of it is never mentioned.
    needs: (_target, { request }, { now, tried, kept }) =>
      isWaiting(request, now) || tried || kept !== undefined,
    async deliver(target, notice, attempt) {
      const kept = (attempt.kept ?? {}) as Kept;
      // One deadline for all of it: an attempt must end before its turn does.
      const signal = AbortSignal.timeout(out.timeoutMs);
      const bring = bringing(out, target, notice, attempt, signal);
      // A conversation that the destination no longer names has its message brought to an end as well.
      const names = [...new Set([...target.conversations, ...Object.keys(kept)])];
      const brought = await Promise.all(
        names.map(async (name): Promise<[string, Brought<Shown>]> => [name, await bring(name, kept[name])]),
      );
      return outcomeOf(brought, kept);
    },
    async retire(address, { stored }, at) {
      if (personOf(address.id) !== undefined) return;
      const disabled = { at, reason: 'Slack says that its token or its conversations are gone.' };
      await disableDestination(redis, address, stored, disabled);
    },
    secrets: ({ token, signingSecret }) => [token, signingSecret ?? ''],
  };
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

/** Brings one conversation to where the request is now. */
function bringing(
  out: Outbound,
  target: SlackTarget,
  notice: Notice,
  { now, tried }: Attempt,
  signal: AbortSignal,
): (name: string, before: Shown | undefined) => Promise<Brought<Shown>> {
  const { request } = notice;
  const access: SlackAccess = { base: target.base, token: target.token };
  const call = (method: string, args: Record<string, unknown>, form = false) =>
    callSlack(out, access, method, args, { form, signal });
  const message = slackMessage(notice, target.signingSecret === undefined ? undefined : target.app, now);
  const reference = `${request.workspace}/${request.id}/${target.reference}`;
  const metadata = metadataOf('countersign_request', reference);
  const ended = !isWaiting(request, now);
  // What agents write must not be unfurled: Slack would fetch it, and show what it says.
  const literal = { parse: 'none', link_names: false };
  const quiet = { ...literal, unfurl_links: false, unfurl_media: false, mrkdwn: false };

  /** A message that was posted and whose answer was lost. Where the bot may not read, it is not found. */
  async function lookFor(name: string): Promise<Found> {
    const opened = /^[UW]/.test(name) ? await call('conversations.open', { users: name }) : undefined;
    if (opened !== undefined && opened.kind !== 'ok') return unread(opened);
    const channel = opened === undefined ? name : idOf(opened.body.channel);
    if (channel === undefined) return undefined;
    const oldest = (Date.parse(request.created_at) / 1_000 - 60).toFixed(6);
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
    return { kind: 'shown', shown: { channel, ts, revision: request.revision } };
  }

  /** Nothing is begun with what is over, nor in a conversation that the destination no longer names. */
  function begin(name: string): Promise<Brought<Shown>> | Brought<Shown> {
    return ended || !target.conversations.includes(name) ? { kind: 'none' } : post(name);
  }

  async function update(name: string, shown: Shown): Promise<Brought<Shown>> {
    if (shown.revision === request.revision) return { kind: 'shown', shown };
    const { channel, ts } = shown;
    const updated = await call('chat.update', { channel, ts, ...message, metadata, ...literal });
    if (updated.kind === 'ok') return { kind: 'shown', shown: { ...shown, revision: request.revision } };
    // Somebody has deleted it: what still waits is said again, and what is over is left alone.
    if (updated.kind === 'error' && updated.error === 'message_not_found') return begin(name);
    return refusal(updated);
  }

  async function ring(shown: Shown): Promise<Brought<Shown>> {
    const { channel, ts: thread_ts } = shown;
    const text = reminder(request, now);
    const said = await call('chat.postMessage', {
      channel,
      thread_ts,
      reply_broadcast: true,
      text,
      metadata: metadataOf('countersign_reminder', reference),
      ...quiet,
    });
    if (said.kind !== 'ok') return refusal(said);
    return { kind: 'shown', shown: { ...shown, rung: notice.id } };
  }

  return async (name, before) => {
    const found: Found = before ? { kind: 'shown', shown: before } : tried ? await lookFor(name) : undefined;
    if (found === undefined) return begin(name);
    if (found.kind !== 'shown') return found;
    const { shown } = found;
    const brought = await update(name, shown);
    // A message that changes rings nobody: what asks again is added to its thread.
    const rings = asksAgain(notice.type) && !ended && shown.rung !== notice.id;
    if (brought.kind !== 'shown' || brought.shown.ts !== shown.ts || !rings) return brought;
    return ring(brought.shown);
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
