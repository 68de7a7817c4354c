/**
 * Whether anybody could know a canary by how long things take: each call on one, in turn and in an order drawn by chance
 * with the same call on a request from its agent that says the same. A chance of 0.5 tells nothing.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { aucOf } from '../auc.ts';
import { chance } from '../chance.ts';
import { startServer } from '../child.ts';
import { type Figure, median, short } from '../figures.ts';
import type { Setting } from '../setting.ts';
import type { Made, Wish } from './maker.ts';

export type CanariesSize = { pairs: number; warmUp: number };

/** What is timed, ms. `told` is from the time that a request bears to its event in an open stream. */
const calls = ['told', 'read', 'queue', 'search', 'view', 'claim', 'preview', 'refused', 'rejected'] as const;
type Timed = Record<(typeof calls)[number], number[]>;
const nothing = (): Timed => ({
  told: [],
  read: [],
  queue: [],
  search: [],
  view: [],
  claim: [],
  preview: [],
  refused: [],
  rejected: [],
});

const words: Record<(typeof calls)[number], string> = {
  told: '`created_at` → `request.created` in an open stream',
  read: '`GET /v1/requests/{id}`',
  queue: '`GET /v1/queue`, 20 others wait',
  search: '`GET /v1/requests?run_id=`',
  view: '`POST …/view`, the first',
  claim: '`POST …/claim`',
  preview: '`POST …/decision/preview`',
  refused: '`POST …/decision`, refused as stale',
  rejected: '`POST …/decision`, rejected: here they part',
};

const body = (n: number) => ({
  agent: 'bench-canaries',
  tool: 'bench.refund',
  args: { amount: 4_120, order_id: `ord-${String(n).padStart(8, '0')}` },
  reason: `The customer returned it: 4120 is what they paid for ord-${String(n).padStart(8, '0')}.`,
  context: { channel: 'mail' },
  run_id: `run-${n.toString(16).padStart(6, '0')}a1`,
});

/** One figure for each call: the chance that it takes longer on a canary, with its 95% interval. */
export async function measureCanaries(setting: Setting, { pairs, warmUp }: CanariesSize): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true });
  const ask = callsTo(setting.intakeUrl, agent);
  const { agent: agentKey, reviewer } = setting.keys;
  const propose = async (call: object): Promise<RequestView> =>
    (await ask<{ request: RequestView }>(agentKey, 'POST', '/v1/requests', call)).request;
  const maker = await startServer('canaries/maker.ts', { REDIS_URL: setting.redisUrl });
  const byMaker = callsTo(maker.url, agent);
  const stream = await listen(setting.intakeUrl, reviewer);
  const draw = chance(10);
  let made = 0;

  /** A call that is made and withdrawn. */
  async function withdrawn(call: object): Promise<RequestView> {
    const request = await propose(call);
    await ask(agentKey, 'POST', `/v1/requests/${request.id}/cancel`, {});
    return request;
  }

  /** As its agent makes it: what is planted has one digit more, and a run of its own. */
  const call = ({ args, run_id, ...more }: ReturnType<typeof body>, ending: string) => ({
    ...more,
    args: { ...args, amount: 41_200 },
    run_id: run_id.replace(/..$/, ending),
  });

  /** One of either kind, beside what a canary of its run is made of. */
  async function make(planted: boolean): Promise<Made> {
    const said = body(++made);
    const source = (await withdrawn(said)).id;
    await withdrawn(call(said, 'c3'));
    const wish: Wish = { source, call: call(said, 'b2'), planted };
    return byMaker<Made>(agentKey, 'POST', '/make', wish);
  }

  async function time<T>(into: number[], work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const done = await work();
    into.push(performance.now() - begun);
    return done;
  }

  async function live(kind: boolean, times: Timed): Promise<void> {
    const { id, created } = await make(kind);
    times.told.push((await stream.heard(id)) - created);
    const at = `/v1/requests/${id}`;
    await ask(reviewer, 'GET', '/v1/freeze');
    const one = await time(times.read, () => ask<RequestView>(reviewer, 'GET', at));
    await time(times.queue, () => ask(reviewer, 'GET', '/v1/queue'));
    await time(times.search, () => ask(reviewer, 'GET', `/v1/requests?run_id=${one.run_id}`));
    await time(times.view, () => ask(reviewer, 'POST', `${at}/view`, {}));
    await time(times.claim, () => ask(reviewer, 'POST', `${at}/claim`, {}));
    const edited: JsonObject = { ...one.args, amount: 4_121 };
    await time(times.preview, () => ask(reviewer, 'POST', `${at}/decision/preview`, { args: edited }));
    const { version, args_digest } = one;
    const verdict = (seen: object) => ask(reviewer, 'POST', `${at}/decision`, { verdict: 'reject', seen });
    await time(times.refused, () => verdict({ version: version + 1, args_digest }));
    await time(times.rejected, () => verdict({ version, args_digest }));
  }

  try {
    for (let waits = 0; waits < 20; waits++) await propose({ ...body(++made), tool: 'bench.other' });
    const [canaries, real] = [nothing(), nothing()];
    for (let pair = -warmUp; pair < pairs; pair++) {
      const [planted, asked] = pair < 0 ? [nothing(), nothing()] : [canaries, real];
      const both = [() => live(true, planted), () => live(false, asked)];
      if (draw() < 0.5) both.reverse();
      for (const one of both) await one();
    }
    return calls.map((name) => {
      const { auc, low, high } = aucOf(canaries[name], real[name]);
      return {
        what: `canaries, ${short(pairs)} and as many others: ${words[name]}`,
        value: `${short(median(canaries[name]))} ms`,
        against: `${short(median(real[name]))} ms: the same, made by its agent`,
        ratio: `AUC ${auc.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
        ...(name === 'rejected' ? {} : { aim: '0.5 in it' }),
      };
    });
  } finally {
    stream.close();
    await maker.stop();
    agent.destroy();
  }
}

type Ask = <T>(key: string, method: string, path: string, body?: object) => Promise<T>;

/** By node:http, as in wait.ts; what is refused is an answer here. */
function callsTo(url: string, agent: Agent): Ask {
  return async (key, method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const sending = request(url + path, { agent, method, headers });
    sending.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(sending, 'response');
    const answer = await text(response);
    if (Number(response.statusCode) >= 400 && response.statusCode !== 409)
      throw new Error(`${method} ${path}: ${answer}`);
    return JSON.parse(answer);
  };
}

/** An open stream, and when by the clock of this machine, ms, it told of a request's beginning. */
async function listen(url: string, key: string) {
  const closing = new AbortController();
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/v1/stream`, { headers, signal: closing.signal });
  const told = new Map<string, (at: number) => void>();
  const heard = new Map<string, number>();
  void (async () => {
    let rest = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const at = performance.timeOrigin + performance.now();
      const blocks = (rest + part).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /"request_id":"([^"]+)"/.exec(block)?.[1];
        if (id === undefined || !block.includes('event: request.created')) continue;
        heard.set(id, at);
        told.get(id)?.(at);
      }
    }
  })().catch(() => {});
  return {
    close: () => closing.abort(),
    heard: (id: string): Promise<number> | number =>
      heard.get(id) ?? new Promise((resolve) => told.set(id, resolve)),
  };
}
