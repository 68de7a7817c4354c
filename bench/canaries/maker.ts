/**
 * Makes a canary, or a request of an agent that says the same: a process of its own, since what has just served an agent
 * answers sooner, and one for both, by the same work up to the last step.
 */
import type { Propose } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { loadRequest } from '@countersign/shared/request';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { pino } from 'pino';
import { authenticate } from '../../services/intake/access/authenticate.ts';
import { choicesOf, mutationsIn } from '../../services/intake/canaries/choose.ts';
import type { Lately } from '../../services/intake/canaries/lately.ts';
import { canaryFrom, writeCanary } from '../../services/intake/canaries/plant.ts';
import { openContinuity } from '../../services/intake/continuity/continuity.ts';
import { openWakeHub } from '../../services/intake/live/wake.ts';
import { proposeAction } from '../../services/intake/requests/propose.ts';
import type { Service } from '../../services/intake/requests/service.ts';
import { Commit } from '../../services/intake/store/commit.ts';
import { connectForBackground, connectForCommands } from '../../services/intake/store/connect.ts';
import { openWorkspaces } from '../../services/intake/workspace/workspaces.ts';
import { chance } from '../chance.ts';

/** What is to be made: the request that a canary is made of, and the call of the agent that says the same. */
export type Wish = { source: string; call: Propose; planted: boolean };

/** Its id, and the time that it bears, ms. */
export type Made = { id: string; created: number };

const url = process.env.REDIS_URL ?? '';
const logger = pino({ level: 'silent' });
const redis = connectForCommands(url, logger);
const subscriber = connectForBackground(url, logger);
await redis.connect();
const workspaces = openWorkspaces(redis, openContinuity(redis, undefined));
const service: Service = {
  redis,
  workspaces,
  hub: openWakeHub(subscriber, logger),
  issuer: 'bench',
  // Neither kind's timers come due here, and nobody freezes.
  onTimers() {},
  onFreeze() {},
};
const draw = chance(10);

async function make({ source, call, planted }: Wish, authorization: string | undefined): Promise<Made> {
  const like = await loadRequest(redis, workspaceKeys('default'), source);
  if (like === undefined) throw new Error('it was just proposed');
  const asked: Lately[] = [{ ...like, alone: true }];
  const { run_id = '' } = like.record;
  const [choice] = choicesOf(like, run_id, mutationsIn(like, draw), asked, Date.now(), draw);
  for (;;) {
    const caller = await authenticate(workspaces, authorization);
    if ('code' in caller) throw new Error(caller.detail);
    const canary = choice && (await canaryFrom(redis, choice, caller.current));
    if (canary === undefined) throw new Error('no canary can be made');
    if (!planted) {
      const proposed = await proposeAction(service, caller, call, {});
      if (!('request' in proposed)) throw new Error(JSON.stringify(proposed));
      return { id: proposed.request.id, created: Date.parse(proposed.request.created_at) };
    }
    const commit = new Commit();
    writeCanary(commit, caller.current, canary);
    const { id, created_at } = canary.request;
    if ((await commit.run(redis)).outcome === 'ok') return { id, created: created_at };
  }
}

const app = new Hono();
app.post('/make', async (c) => c.json(await make(await c.req.json<Wish>(), c.req.header('authorization'))));
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${info.port}` })),
);
process.once('SIGTERM', () => {
  server.close();
  for (const connection of [redis, subscriber]) connection.disconnect();
  process.exit(0);
});
