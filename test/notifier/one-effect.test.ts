/**
 * Requests asked for, claimed and decided, while three in ten of the peers' answers are lost and notifiers are killed:
 * everyone hears, and hears once wherever the peer can tell. `npm run test:effects` takes a thousand requests.
 */
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LossyFront, startLossyFront } from '../support/lossy-front.ts';
import { type PagerDutyPeer, startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type SlackPeer, startSlackPeer } from '../support/slack-peer.ts';
import { startTeamsPeer, type TeamsPeer } from '../support/teams-peer.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { crashed, kill9, killAll, startNotifierProcess } from './notifier-processes.ts';
import { testWorkspace } from './workspace.ts';

const requests = Number(process.env.EFFECTS ?? 100);
/** Each has destinations of its own, which take only so many messages a second. */
const teams = Math.ceil(requests / 10);
const kills = 10;

let server: TestRedis;
let redis: Redis;
let pagerduty: PagerDutyPeer;
let slack: SlackPeer;
let msTeams: TeamsPeer;
let receiver: WebhookReceiver;
let fronts: Record<'pagerduty' | 'slack' | 'teams' | 'webhook', LossyFront>;
const startProcess = () => startNotifierProcess(server.url);

beforeAll(async () => {
  [server, pagerduty, slack, msTeams, receiver] = await Promise.all([
    startTestRedis(),
    startPagerDutyPeer(),
    startSlackPeer(),
    startTeamsPeer(),
    startWebhookReceiver(),
  ]);
  redis = server.client();
  fronts = {
    pagerduty: await startLossyFront(pagerduty.url, 0.3),
    slack: await startLossyFront(slack.url, 0.3),
    teams: await startLossyFront(msTeams.url, 0.3),
    webhook: await startLossyFront(receiver.url, 0.3),
  };
});
afterAll(async () => {
  await killAll();
  await Promise.all(
    [...Object.values(fronts), server, pagerduty, slack, msTeams, receiver].map((each) => each.stop()),
  );
});

test(`law 9: ${requests} requests, answers lost, ${kills} notifiers killed: nobody misses anything, no incident is left open, one effect each`, {
  timeout: 900_000,
}, async () => {
  const workspace = testWorkspace(redis, 'effects');
  await workspace.open();
  const base = (front: LossyFront, peer: string) => peer.replace(/^http:\/\/[^/]+/, front.url);
  await workspace.addDestination(`${fronts.webhook.url}/hook`, { id: 'dst_webhook' });
  for (let team = 0; team < teams; team++) {
    const match = { agents: [`agent-${team}`] };
    await workspace.addDestination(`${fronts.pagerduty.url}/v2/enqueue`, {
      id: `dst_pagerduty${team}`,
      kind: 'pagerduty',
      secret: `${team}`.padStart(32, '0'),
      match,
    });
    await workspace.addDestination(base(fronts.slack, slack.url), {
      id: `dst_slack${team}`,
      kind: 'slack',
      secret: slack.token,
      to: [`C${team}`],
      match,
    });
    await workspace.addDestination(base(fronts.teams, msTeams.webhook), {
      id: `dst_teams${team}`,
      kind: 'teams',
      match,
    });
  }

  /** The log keeps the latest ten thousand: it is read while it grows. */
  const attempts: DeliveryAttempt[] = [];
  let from = '-';
  async function readLog(): Promise<void> {
    const lines = await redis.xrange(workspaceKeys(workspace.name).deliveryLog, from, '+');
    for (const [, fields] of lines) attempts.push(JSON.parse(fields[1] ?? ''));
    const [last] = lines.at(-1) ?? [];
    if (last !== undefined) from = `(${last}`;
  }

  let killed = 0;
  const pair = [startProcess(), startProcess()];
  /** About as many calls as it will take, in parts: a notifier dies at the end of each. */
  const part = (requests * 10 * 1.4) / (kills + 1);
  const passed = () => Object.values(fronts).reduce((sum, front) => sum + front.passed(), 0);
  async function until(what: () => void | Promise<void>): Promise<void> {
    await vi.waitFor(
      async () => {
        if (killed < kills && passed() > part * (killed + 1)) {
          const place = killed % 2;
          killed += 1;
          const victim = pair[place];
          if (victim !== undefined) await kill9(victim);
          pair[place] = startProcess();
        }
        await readLog();
        await what();
      },
      { timeout: 280_000, interval: 50 },
    );
  }
  const idle = async () => {
    expect(crashed).toEqual([]);
    expect(await workspace.unhandled()).toBe(0);
    const states = await Promise.all((await workspace.jobs()).map((job) => redis.hget(job, 'finishedOn')));
    expect(states.filter((finished) => finished === null)).toEqual([]);
  };
  const ids = Array.from({ length: requests }, (_, n) => `req_${n}`);

  for (const [n, id] of ids.entries()) await workspace.create(id, { agent: `agent-${n % teams}` });
  await until(() => {
    expect(pagerduty.incidents).toHaveLength(requests);
    // Distinct ones: some stand there twice, and what ends before it was asked about is not asked about.
    expect(new Set(slack.messages.map(({ metadata }) => JSON.stringify(metadata))).size).toBe(requests);
    expect(new Set(msTeams.cards.map(({ id }) => id)).size).toBeGreaterThanOrEqual(requests);
  });
  for (const id of ids) {
    const claim = { by: 'ann', until: Date.now() + 600_000 };
    await workspace.change(id, 'request.claimed', { claim });
  }
  await until(() => expect(pagerduty.open().every(({ status }) => status === 'acknowledged')).toBe(true));
  for (const [n, id] of ids.entries()) {
    if (n % 2 === 0) await workspace.approve(id);
    else
      await workspace.change(id, 'request.rejected', {
        status: 'rejected',
        decided_at: Date.now(),
        decided_by: 'ann',
      });
  }
  await until(() => expect(pagerduty.open()).toEqual([]));
  await until(idle);
  // However fast it went, ten have died.
  while (killed < kills) {
    killed += 1;
    const place = killed % 2;
    const victim = pair[place];
    if (victim !== undefined) await kill9(victim);
    pair[place] = startProcess();
  }
  await until(idle);

  await readLog();
  const unrecorded = attempts.filter(({ outcome }) => outcome === 'unrecorded');
  const late = attempts.filter(({ code }) => code === 'timeout');
  /** Answers that nobody heard: lost, too late, or to a notifier that was dead. */
  const unheard = (name: keyof typeof fronts) =>
    fronts[name].lost() + [...unrecorded, ...late].filter(({ channel }) => channel === name).length;

  // A key: one incident each, whatever was repeated.
  expect(pagerduty.incidents).toHaveLength(requests);
  expect(new Set(pagerduty.incidents.map(({ dedup_key }) => dedup_key)).size).toBe(requests);
  expect(pagerduty.open()).toEqual([]);

  // An id that the receiver knows again: each end once, repeats only where no answer came.
  const byId = Map.groupBy(receiver.received, ({ id }) => id);
  const ends = [...byId.values()].flatMap(([first]) =>
    first?.body.type === 'request.approved' || first?.body.type === 'request.rejected'
      ? [first.body.data.request.id]
      : [],
  );
  expect(ends.toSorted()).toEqual(ids.toSorted());
  expect(receiver.received.length - byId.size).toBeLessThanOrEqual(unheard('webhook'));

  // No key: a second message only where no answer came, and it names the same thing.
  const asked = Map.groupBy(msTeams.cards, ({ id }) => id);
  expect([...asked.keys()]).not.toContain(undefined);
  expect(msTeams.cards.length - asked.size).toBeLessThanOrEqual(unheard('teams'));
  const shown = Map.groupBy(slack.messages, ({ metadata }) => JSON.stringify(metadata));
  expect(shown.size).toBe(requests);
  expect(slack.messages.length - requests).toBeLessThanOrEqual(unheard('slack'));
  expect(slack.faults).toEqual([]);
  // What is to be seen in each conversation is how it ended.
  for (const [reference, messages] of shown) {
    const id = /req_\d+/.exec(reference)?.[0];
    const said = attempts.filter(({ channel, request_id }) => channel === 'slack' && request_id === id);
    expect(
      messages.some(({ updates }) => updates > 0),
      `${reference}: ${JSON.stringify(said)}`,
    ).toBe(true);
  }

  console.log(
    `${requests} requests: ${passed()} calls, ${Object.values(fronts).reduce((sum, front) => sum + front.lost(), 0)} answers lost, ` +
      `${unrecorded.length} attempts cut off by ${killed} kills; ${receiver.received.length - byId.size} webhooks, ` +
      `${msTeams.cards.length - asked.size} cards and ${slack.messages.length - requests} messages twice, incidents never`,
  );
});
