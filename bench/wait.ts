/** How soon a waiting agent hears a decision, with many others waiting, against Redis's own publish → subscribe. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { RequestView } from '@countersign/shared/contracts';
import { Redis } from 'ioredis';
import { type Figure, median, short } from './figures.ts';
import { gatedProposals } from './proposals.ts';
import type { Setting } from './setting.ts';

export type WaitSize = { waiting: number; decisions: number };

type Answer = { status: number; body: string };

/** Medians in ms. While each decision is timed, at least `waiting` agents wait on requests of their own. */
export async function measureWait(setting: Setting, { waiting, decisions }: WaitSize): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true });
  const call = callsTo(setting.intakeUrl, agent);
  const publisher = new Redis(setting.redisUrl);
  const subscriber = new Redis(setting.redisUrl);
  try {
    const { proposals } = gatedProposals();
    const requests: RequestView[] = [];
    for (let index = 0; index < waiting + decisions; index++) {
      const { body } = await call(
        setting.keys.agent,
        'POST',
        '/v1/requests',
        proposals[index % proposals.length],
      );
      requests.push(JSON.parse(body).request);
    }
    const polls = requests.map(({ id }) =>
      call(setting.keys.agent, 'GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=60' }),
    );
    for (const poll of polls) poll.catch(() => {});
    await untilWaiting(call, requests.length);
    await subscriber.subscribe('bench');

    const heard: number[] = [];
    const echoed: number[] = [];
    for (let index = 0; index < decisions; index++) {
      const shown = requests[index];
      const poll = polls[index];
      if (shown === undefined || poll === undefined) throw new Error('fewer requests than decisions');
      const { version, args_digest } = shown;
      const decidedAt = performance.now();
      const decision = call(setting.keys.reviewer, 'POST', `/v1/requests/${shown.id}/decision`, {
        verdict: 'approve',
        seen: { version, args_digest },
      });
      const { body } = await poll;
      heard.push(performance.now() - decidedAt);
      if (JSON.parse(body).status !== 'approved') throw new Error(`the agent heard something else: ${body}`);
      await decision;

      const publishedAt = performance.now();
      const message = once(subscriber, 'message');
      publisher.publish('bench', shown.id);
      await message;
      echoed.push(performance.now() - publishedAt);
    }
    const ours = median(heard);
    const bare = median(echoed);
    return [
      {
        what: `decision sent → the waiting agent has its answer, ${short(waiting)} waiting`,
        value: `${short(ours)} ms`,
        against: `${short(bare)} ms: bare Redis publish → message`,
        ratio: `${short(ours / bare)}× the time`,
      },
    ];
  } finally {
    agent.destroy();
    publisher.disconnect();
    subscriber.disconnect();
  }
}

type Call = (
  key: string,
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** By node:http: `fetch` would be the larger part of what is timed. */
function callsTo(url: string, agent: Agent): Call {
  return async (key, method, path, body, headers = {}) => {
    const sending = request(url + path, {
      agent,
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    });
    sending.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(sending, 'response');
    const answer = { status: Number(response.statusCode), body: await text(response) };
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.body}`);
    return answer;
  };
}

/** Resolves when intake itself says that so many wait. */
async function untilWaiting(call: Call, count: number): Promise<void> {
  for (;;) {
    const { body } = await call('', 'GET', '/metrics');
    const waiting = Number(/^countersign_waiting_calls (\d+)/m.exec(body)?.[1] ?? 0);
    if (waiting >= count) return;
  }
}
