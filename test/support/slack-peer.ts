/**
 * Slack as an app meets it: the Web API with a state and the documented limits, refusals as `ok: false` under HTTP 200,
 * and people who press buttons, whose presses are signed. https://docs.slack.dev/reference
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@countersign/shared/contracts';
import { blockFaults, metadataFaults, viewFaults } from './slack-limits.ts';
import { type AppAnswer, buttonsOf, type Signing, sendSigned } from './slack-people.ts';
import type { Behaviour } from './webhook-receiver.ts';

export type SlackMessage = {
  channel: string;
  ts: string;
  text: string;
  blocks: JsonObject[];
  metadata: JsonObject | undefined;
  thread_ts: string | undefined;
  /** Of an answer in a thread: shown in the conversation as well. */
  broadcast: boolean;
  /** How often it was changed. */
  updates: number;
};
/** A button as it stands in a message. */
export type PressedButton = { action_id: string; value?: string; url?: string };
export type SlackPeer = {
  /** Base of the Web API. */
  url: string;
  token: string;
  signingSecret: string;
  /** Which Slack it is, and which app, in all that it sends; and what `auth.test` says: undefined never answers. */
  team: string;
  app: string;
  identity: JsonObject | undefined;
  /** What is to be seen now, oldest first. */
  messages: SlackMessage[];
  /** Methods called, in order, refused ones as well. */
  calls: { method: string; args: JsonObject }[];
  /** Modals that are open. */
  views: { view: JsonObject; user: string }[];
  /** What was sent to response URLs. */
  whispers: JsonObject[];
  /** What the app sent that Slack does not take. */
  faults: string[];
  /** Behaviour of the next requests, in order. */
  answerWith: (...behaviours: Behaviour[]) => void;
  /** The next calls are refused so, in order. */
  refuseWith: (...errors: string[]) => void;
  /** Conversations that every call refuses so. */
  closed: Map<string, string>;
  /** Each conversation takes one message a second, as in production: the next one is told to wait. */
  limited: boolean;
  /** What comes with each press: a URL that is good for five answers, and what opens one form. */
  responseUrl: () => string;
  trigger: (user: string) => string;
  /** Presses the button of that name in a message. */
  press: (app: string, message: SlackMessage, action: string, user: string) => Promise<AppAnswer>;
  /** Submits the newest modal with this text. */
  submit: (app: string, text: string, user: string) => Promise<AppAnswer>;
  /** Sends a payload as Slack would; `how` spoils the signature. */
  send: (app: string, payload: JsonObject, how?: Signing) => Promise<AppAnswer>;
  stop: () => Promise<void>;
};
/** Starts it on this machine. */
export async function startSlackPeer(): Promise<SlackPeer> {
  let behaviours: Behaviour[] = [];
  let refusals: string[] = [];
  let clock = Math.floor(Date.now() / 1_000);
  const triggers = new Set<string>();
  const responses = new Map<string, number>();
  const lastPosted = new Map<string, number>();
  const token = `xoxb-${randomBytes(12).toString('hex')}`;
  const signingSecret = randomBytes(16).toString('hex');

  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    const path = new URL(request.url ?? '/', 'http://slack').pathname;
    const method = path.replace(/^\/api\//, '');
    const args = argsOf(request, text);
    if (path.startsWith('/api/')) peer.calls.push({ method, args });
    // Who asks whose a token is does not take what a test has in store for the next call.
    if (method === 'auth.test') {
      const said = whoIs(request);
      return said && reply(response, said);
    }
    const behaviour = behaviours.shift();
    if (behaviour !== undefined) return behave(behaviour, response);
    if (path.startsWith('/response/')) return whisper(path, args, response);
    const refusal = refusals.shift();
    if (refusal !== undefined) return reply(response, { ok: false, error: refusal });
    if (request.headers.authorization !== `Bearer ${token}`)
      return reply(response, { ok: false, error: 'invalid_auth' });
    const { retryAfter, ...answer } = handle(method, args);
    if (retryAfter !== undefined) {
      response.writeHead(429, { 'retry-after': String(retryAfter) });
      return void response.end(JSON.stringify(answer));
    }
    reply(response, answer);
  });

  function whoIs({ headers }: IncomingMessage): JsonObject | undefined {
    return headers.authorization === `Bearer ${token}` ? peer.identity : { ok: false, error: 'invalid_auth' };
  }

  function whisper(path: string, args: JsonObject, response: ServerResponse): void {
    const left = responses.get(path) ?? 0;
    if (left === 0) return void response.writeHead(404).end('used_url');
    responses.set(path, left - 1);
    peer.faults.push(...blockFaults((args.blocks ?? []) as JsonObject[]));
    peer.whispers.push(args);
    response.end('ok');
  }

  function handle(method: string, args: JsonObject): JsonObject & { retryAfter?: number } {
    const channel = String(args.channel ?? '');
    const shut = peer.closed.get(channel);
    if (shut !== undefined) return { ok: false, error: shut };
    switch (method) {
      case 'chat.postMessage':
        return post(args, channel);
      case 'chat.update': {
        const message = peer.messages.find((each) => each.channel === channel && each.ts === args.ts);
        if (message === undefined) return { ok: false, error: 'message_not_found' };
        const wrong = faultsOf(args);
        if (wrong.length > 0) return { ok: false, error: 'invalid_blocks' };
        Object.assign(message, contentOf(args, message.metadata), { updates: message.updates + 1 });
        return { ok: true, channel, ts: message.ts, text: message.text };
      }
      case 'conversations.open':
        return { ok: true, channel: { id: directOf(String(args.users)) } };
      case 'conversations.history': {
        const all = peer.messages.filter(
          (each) =>
            each.channel === channel &&
            (each.thread_ts === undefined || each.broadcast) &&
            Number(each.ts) >= Number(args.oldest),
        );
        const messages = all.toReversed().slice(0, Number(args.limit ?? 100));
        const shown = messages.map(({ ts, text, blocks, metadata }) => ({
          ts,
          text,
          blocks,
          metadata: metadata ?? null,
        }));
        return {
          ok: true,
          messages: shown,
          has_more: all.length > messages.length,
        };
      }
      case 'views.open': {
        const trigger = String(args.trigger_id);
        if (!triggers.delete(trigger)) return { ok: false, error: 'expired_trigger_id' };
        const view = args.view as JsonObject;
        const wrong = viewFaults(view);
        peer.faults.push(...wrong);
        if (wrong.length > 0) return { ok: false, error: 'invalid_arguments' };
        peer.views.push({ view, user: trigger.split('.')[0] ?? '' });
        return { ok: true, view };
      }
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  function faultsOf(args: JsonObject): string[] {
    const wrong = [
      ...blockFaults((args.blocks ?? []) as JsonObject[]),
      ...metadataFaults(args.metadata),
      ...(typeof args.text === 'string' && args.text !== '' ? [] : ['no text for notifications']),
      ...(String(args.text).length > 4_000 ? ['text over 4,000 characters'] : []),
    ];
    peer.faults.push(...wrong);
    return wrong;
  }

  function post(args: JsonObject, to: string): JsonObject & { retryAfter?: number } {
    const channel = /^[UW]/.test(to) ? directOf(to) : to;
    const now = performance.now();
    if (peer.limited && now - (lastPosted.get(channel) ?? -1_000) < 1_000)
      return { ok: false, error: 'ratelimited', retryAfter: 1 };
    const wrong = faultsOf(args);
    if (wrong.length > 0) return { ok: false, error: 'invalid_blocks' };
    lastPosted.set(channel, now);
    clock += 1;
    const ts = `${clock}.000100`;
    const thread_ts = typeof args.thread_ts === 'string' ? args.thread_ts : undefined;
    peer.messages.push({
      channel,
      ts,
      thread_ts,
      broadcast: args.reply_broadcast === true,
      updates: 0,
      ...contentOf(args, undefined),
    });
    // Slack repeats what it was sent.
    return { ok: true, channel, ts, message: { text: String(args.text), blocks: args.blocks ?? [] } };
  }

  const peer: SlackPeer = {
    url: '',
    token,
    signingSecret,
    team: 'T100',
    app: 'A100',
    identity: {
      ok: true,
      url: 'https://example.slack.com/',
      team: 'Example',
      team_id: 'T100',
      user_id: 'UBOT',
      bot_id: 'B100',
      app_id: 'A100',
      is_enterprise_install: false,
    },
    messages: [],
    calls: [],
    views: [],
    whispers: [],
    faults: [],
    closed: new Map(),
    limited: false,
    answerWith(...next) {
      behaviours = next;
    },
    refuseWith(...errors) {
      behaviours = [];
      refusals = errors;
    },
    responseUrl,
    trigger: triggerFor,
    press(app, message, action, user) {
      const button = buttonsOf(message).find((each) => each.action_id === action);
      if (button === undefined) throw new Error(`the message has no button ${action}`);
      return peer.send(app, {
        type: 'block_actions',
        user: { id: user, username: 'root', name: 'Administrator' },
        trigger_id: triggerFor(user),
        response_url: responseUrl(),
        channel: { id: message.channel },
        message: { ts: message.ts, text: message.text },
        actions: [{ type: 'button', block_id: 'b', action_ts: message.ts, ...button }],
      });
    },
    submit(app, text, user) {
      const open = peer.views.at(-1);
      if (open === undefined) throw new Error('no modal is open');
      const input = ((open.view.blocks ?? []) as JsonObject[]).find(({ type }) => type === 'input');
      const element = input?.element as JsonObject | undefined;
      const typed = { [String(element?.action_id)]: { type: 'plain_text_input', value: text } };
      return peer.send(app, {
        type: 'view_submission',
        user: { id: user },
        view: { ...open.view, id: 'V1', state: { values: { [String(input?.block_id)]: typed } } },
      });
    },
    send(app, payload, how = {}) {
      const sent = {
        team: { id: peer.team },
        api_app_id: peer.app,
        is_enterprise_install: false,
        ...payload,
      };
      return sendSigned(app, sent, signingSecret, how);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function triggerFor(user: string): string {
    const trigger = `${user}.${randomBytes(6).toString('hex')}`;
    triggers.add(trigger);
    return trigger;
  }
  function responseUrl(): string {
    const path = `/response/${randomBytes(6).toString('hex')}`;
    responses.set(path, 5);
    return new URL(path, peer.url).href;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  peer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  return peer;
}

const directOf = (user: string): string => `D${user.slice(1)}`;

function contentOf(args: JsonObject, before: JsonObject | undefined) {
  const metadata = args.metadata === undefined ? before : (args.metadata as JsonObject);
  return { text: String(args.text), blocks: (args.blocks ?? []) as JsonObject[], metadata };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function argsOf(request: IncomingMessage, text: string): JsonObject {
  if (request.headers['content-type']?.startsWith('application/json') === true) return JSON.parse(text);
  return Object.fromEntries(new URLSearchParams(text));
}

function behave(behaviour: Behaviour, response: ServerResponse): void {
  if (typeof behaviour === 'function') {
    behaviour(response);
    return;
  }
  const { status, headers, body } = typeof behaviour === 'number' ? { status: behaviour } : behaviour;
  response.writeHead(status, headers).end(body);
}

function reply(response: ServerResponse, body: JsonObject): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
