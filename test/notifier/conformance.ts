/** What every channel has to do, whatever it speaks: one suite, run against a real local peer of each. */
import { generateKeyPairSync } from 'node:crypto';
import { type Message, outbound } from '@countersign/shared/outbound';
import { viewOf } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import type { Address, Attempt, Channel, Notice, Outcome } from '../../services/notifier/channels/channel.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { pendingRequest, type TestWorkspace, testWorkspace } from './workspace.ts';

/** Sends to this machine, and gives up early; and the same as it is in production, which sends nothing here. */
export const out = outbound({ allowLoopback: true, timeoutMs: 1_500 });
const strictOut = outbound({ allowLoopback: false, timeoutMs: 1_500 });

/** The discard service (RFC 863), which nobody runs. */
export const closedPort = 'http://127.0.0.1:9/';

/** What webhooks and callbacks are signed with here. */
export const { publicKey, privateKey } = generateKeyPairSync('ed25519');

export const firstAttempt: Attempt = { number: 1, now: Date.now(), tried: false, kept: undefined };

/** What the peer does next, and what has to come of it. */
export type Fault = {
  what: string;
  next: () => void;
  outcome: Partial<Outcome> & { kind: Outcome['kind'] };
  /** It befalls a connection that was kept from the delivery before, and so often the peer is sent the message. */
  keptAndSent?: number;
};

export type Harness = {
  redis: () => Redis;
  /** Puts the destination in place, in a workspace of its own. */
  place: (workspace: TestWorkspace) => Promise<Address>;
  channel: (guarded: typeof out) => Promise<Channel<unknown>>;
  /** How many messages the peer was sent, refused ones as well. */
  arrived: () => number;
  faults: readonly Fault[];
  /** What tells the peer that two attempts are the same. */
  reference: () => unknown;
  /**
   * For a channel that speaks to one server of the operator's own choice, wherever it stands: puts a destination in
   * place that names other hosts in every way it can, on this machine among them. `strays` counts who came there.
   */
  operatorsServer?: { astray: (workspace: TestWorkspace) => Promise<Address>; strays: () => number };
};

/** Channels keep their own kind of target to themselves; the suite needs only what they share. */
export function anyTarget<Target>(channel: Channel<Target>): Channel<unknown> {
  return channel as Channel<unknown>;
}

/** A place of a pending request `req_1`. */
export const addressOf = (workspace: TestWorkspace, id: string, change: object = {}): Address => ({
  workspace: workspace.name,
  id,
  request: pendingRequest(workspace.name, 'req_1', change),
});

/** A notice of the request as it stands. */
export function noticeFor({ workspace, request }: Address, change: Partial<Notice> = {}): Notice {
  const payload = { args: { amount: 80 }, salt: 's', why: [], said: { resume: 'opaque' } };
  return {
    id: `${workspace}_1-0_webhook-x`,
    type: 'request.created',
    timestamp: '2026-01-01T00:00:00.000Z',
    request: viewOf(request, { first: payload, current: payload }, () => undefined),
    link: `https://approve.example/app/#/request/${request.id}`,
    ...change,
  };
}

/**
 * What any peer that speaks HTTP may do.
 *
 * @param of.knows whether the peer knows two of the same message for one
 * @param of.goneBy the status by which it says that there is no such destination
 */
export function httpFaults(
  answerWith: WebhookReceiver['answerWith'],
  { knows, goneBy }: { knows: boolean; goneBy?: number },
): Fault[] {
  const again = { kind: 'failed', retry: 'scheduled', gone: false } as const;
  type Response = Parameters<Extract<Parameters<typeof answerWith>[0], (...a: never) => unknown>>[0];
  const reset = (response: Response) => response.socket?.destroy();
  const upgrade = (response: Response) => {
    response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
  };
  /** Its status comes at once, the rest never ends. */
  const drip = (response: Response) => {
    response.writeHead(503).write('.');
  };
  const flood = (response: Response) => {
    response.writeHead(503);
    const pour = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    };
    response.on('drain', pour).on('error', () => {});
    pour();
  };
  return [
    {
      what: 'a broken connection each time, the first of them kept',
      next: () => answerWith(...Array.from({ length: 20 }, () => reset)),
      outcome: { ...again, code: 'econnreset' },
      keptAndSent: knows ? 2 : 1,
    },
    {
      what: 'another protocol',
      next: () => answerWith(upgrade),
      outcome: { ...again, code: 'http_101' },
    },
    ...[500, 502, 503].map((status) => ({
      what: `${status}`,
      next: () => answerWith(status),
      outcome: { ...again, code: `http_${status}` },
    })),
    {
      what: '429 with the time that it wants to be left alone for',
      next: () => answerWith({ status: 429, headers: { 'retry-after': '9' } }),
      outcome: { ...again, code: 'http_429', retry_after_ms: 9_000 },
    },
    {
      what: 'a redirect',
      next: () => answerWith({ status: 302, headers: { location: 'http://127.0.0.1:9/' } }),
      outcome: { ...again, code: 'http_302' },
    },
    {
      what: '503 and a body that drips',
      next: () => answerWith(drip),
      outcome: { ...again, code: 'http_503' },
    },
    {
      what: '503 and a body without end',
      next: () => answerWith(flood),
      outcome: { ...again, code: 'http_503' },
    },
    { what: 'nothing at all', next: () => answerWith(() => {}), outcome: { ...again, code: 'timeout' } },
    ...(goneBy === undefined
      ? []
      : [
          {
            what: `${goneBy}: there is no such destination`,
            next: () => answerWith(goneBy),
            outcome: { kind: 'failed', retry: 'never', gone: true } as const,
          },
        ]),
  ];
}

/** Runs the suite. */
export function conforms(name: string, harness: Harness): void {
  describe(`the channel ${name}`, () => {
    let number = 0;
    const fresh = () => testWorkspace(harness.redis(), `${name}-${number++}`);

    async function aim(at: Address, guarded = out) {
      const channel = await harness.channel(guarded);
      const found = await channel.find(at);
      if (!found.found) throw new Error(found.why);
      return { channel, target: found.target };
    }
    async function attempt(guarded = out): Promise<Outcome> {
      const at = await harness.place(fresh());
      const { channel, target } = await aim(at, guarded);
      return channel.deliver(target, noticeFor(at), firstAttempt);
    }

    test('delivers', async () => {
      const before = harness.arrived();
      expect(await attempt()).toMatchObject({ kind: 'delivered' });
      expect(harness.arrived()).toBeGreaterThan(before);
    });

    test.each(harness.faults)(
      'knows what it means that the peer answers with $what',
      async ({ next, outcome, keptAndSent }) => {
        if (keptAndSent !== undefined) await attempt();
        next();
        const before = harness.arrived();
        expect(await attempt()).toMatchObject(outcome);
        if (keptAndSent !== undefined) expect(harness.arrived() - before).toBe(keptAndSent);
      },
    );

    test('delivers again after all that', async () => {
      expect(await attempt()).toMatchObject({ kind: 'delivered' });
    });

    const { operatorsServer } = harness;
    if (operatorsServer === undefined) {
      test('sends nothing to an address that is not public', async () => {
        const before = harness.arrived();
        expect((await attempt(strictOut)).kind).toBe('not_tried');
        expect(harness.arrived()).toBe(before);
      });

      test('knows that it has told nobody anything where nobody could be reached', async () => {
        const nobody = { ...out, post: (_url: string, message: Message) => out.post(closedPort, message) };
        expect(await attempt(nobody)).toMatchObject({
          kind: 'failed',
          code: 'econnrefused',
          retry: 'scheduled',
          nothing_sent: true,
        });
      });
    } else {
      test('goes to the server that the operator has set and nowhere else, whatever a destination says', async () => {
        const before = harness.arrived();
        const at = await operatorsServer.astray(fresh());
        const { channel, target } = await aim(at, strictOut);
        await channel.deliver(target, noticeFor(at), firstAttempt);
        expect(harness.arrived()).toBe(before + 1);
        expect(operatorsServer.strays()).toBe(0);
      });
    }

    test('uses the same reference on every attempt', async () => {
      const at = await harness.place(fresh());
      const { channel, target } = await aim(at);
      const references = new Set<unknown>();
      for (const number of [1, 2, 3]) {
        await channel.deliver(target, noticeFor(at), { ...firstAttempt, number, tried: number > 1 });
        references.add(harness.reference());
      }
      expect(references.size).toBe(1);
      expect(references).not.toContain(undefined);
    });

    test('is not found any more when what it leads to is gone', async () => {
      const channel = await harness.channel(out);
      const at = addressOf(fresh(), 'nothing', { callback_url: 'https://agent.example/' });
      expect(await channel.find(at)).toMatchObject({ found: false, quiet: true });
    });

    test('knows its own secrets, so that no log repeats them', async () => {
      const { channel, target } = await aim(await harness.place(fresh()));
      expect(channel.secrets(target).filter((secret) => secret !== '').length).toBeGreaterThan(0);
    });
  });
}
