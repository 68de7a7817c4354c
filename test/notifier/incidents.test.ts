/**
 * Requests that end while they are still being told of, with answers lost and notifiers killed: whatever an attempt finds
 * and whichever of them is the last, no incident stays open and none opens twice.
 */
import type { ChildProcess } from 'node:child_process';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Behaviour } from '../support/http-peer.ts';
import { type PagerDutyPeer, startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startTeamsPeer, type TeamsPeer } from '../support/teams-peer.ts';
import { kill9, killAll, startNotifierProcess } from './notifier-processes.ts';
import { type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let pager: PagerDutyPeer;
let teams: TeamsPeer;
const startProcess = () => startNotifierProcess(server.url);

beforeAll(async () => {
  [server, pager, teams] = await Promise.all([startTestRedis(), startPagerDutyPeer(), startTeamsPeer()]);
  redis = server.client();
});
afterEach(killAll);
afterAll(() => Promise.all([server.stop(), pager.stop(), teams.stop()]));

/** So many of each kind, each for its own agent: both are sent only so many messages a second. */
const destinations = 10;

/** Three of ten answers are lost, after what was asked for has happened. */
const lossy = (): Behaviour[] =>
  Array.from({ length: 20_000 }, (_, n) => ([3, 5, 8].includes(n % 10) ? 'lost' : 'as usual'));

/** What befalls a request after it was made, one commit after the other. */
async function live(workspace: TestWorkspace, n: number): Promise<void> {
  const id = `req_${n}`;
  if (n % 3 === 0) {
    await workspace.change(id, 'request.claimed', { claim: { by: 'ann', until: Date.now() + 300_000 } });
  }
  if (n % 4 === 0) await workspace.change(id, 'request.edited', { version: 2 });
  if (n % 5 === 0) await workspace.change(id, 'request.timed_out', { status: 'timed_out' });
  else await workspace.approve(id);
}

test('E3: two notifiers, killed over and over while three of ten answers are lost, leave no incident open', {
  timeout: 120_000,
}, async () => {
  const workspace = testWorkspace(redis, 'incidents');
  await workspace.open();
  for (let n = 0; n < destinations; n++) {
    const match = { agents: [`agent-${n}`] };
    const secret = `R${n}`.padEnd(32, '0');
    const url = `${pager.url}/v2/enqueue`;
    await workspace.addDestination(url, { id: `dst_p${n}`, kind: 'pagerduty', secret, match });
    await workspace.addDestination(teams.webhook, { id: `dst_t${n}`, kind: 'teams', match });
  }
  pager.answerWith(...lossy());
  teams.answerWith(...lossy());
  let pair = [startProcess(), startProcess()];
  const requests = 30;
  const wave = 10;
  for (let first = 0; first < requests; first += wave) {
    const all = Array.from({ length: wave }, (_, each) => first + each);
    const before = pager.incidents.length;
    for (const n of all) await workspace.create(`req_${n}`, { agent: `agent-${n % destinations}` });
    await expect.poll(() => pager.incidents.length, { timeout: 25_000 }).toBeGreaterThan(before + 3);
    // Under way: one is killed in the middle of it, and another takes its place.
    const [victim, survivor] = pair as [ChildProcess, ChildProcess];
    await Promise.all([kill9(victim), ...all.map((n) => live(workspace, n))]);
    pair = [survivor, startProcess()];
  }
  const unfinished = async () => {
    const states = await Promise.all((await workspace.jobs()).map((job) => redis.hget(job, 'finishedOn')));
    return states.filter((finished) => finished === null).length;
  };
  await expect
    .poll(async () => [await workspace.unhandled(), await unfinished()], { timeout: 60_000 })
    .toEqual([0, 0]);

  expect(pager.incidents.length).toBeGreaterThan(requests / 3);
  expect(pager.open()).toEqual([]);
  expect(new Set(pager.incidents.map(({ dedup_key }) => dedup_key)).size).toBe(pager.incidents.length);

  // Teams has nothing to tell two of the same by: there are no more repeats than answers that nobody heard.
  const lost = teams.calls.length - (await workspace.attempts()).filter(deliveredToTeams).length;
  const byId = Map.groupBy(teams.cards, ({ id }) => id);
  expect(teams.cards.length - byId.size).toBeLessThanOrEqual(lost);
  const cardsOf = (id: string) => teams.cards.filter(({ text }) => text.includes(`${id}, version`));
  for (let n = 0; n < requests; n++) {
    const cards = cardsOf(`req_${n}`);
    if (cards.length > 0) expect(cards.at(-1)?.text).toMatch(/^(Decided|Over)/);
  }
});

test.each(['deleted', 'disabled'])(
  'E3: an incident is closed though its destination was %s while it was open',
  async (fate) => {
    const workspace = testWorkspace(redis, fate);
    await workspace.open();
    const destination = { id: 'dst_1', kind: 'pagerduty', secret: fate.padEnd(32, '0') } as const;
    await workspace.addDestination(`${pager.url}/v2/enqueue`, destination);
    startProcess();
    const incidents = () => pager.incidents.filter(({ dedup_key }) => dedup_key.includes(`/${fate}/`));
    const notices = async () => (await workspace.feed()).filter(({ type }) => type === 'notice.delivered');
    await workspace.create('req_1');
    await expect.poll(async () => (await notices()).length, { timeout: 25_000 }).toBe(1);
    expect(incidents()).toMatchObject([{ status: 'triggered' }]);
    if (fate === 'deleted') await redis.hdel(workspace.keys.destinations, 'dst_1');
    else {
      const disabled = { at: 1, reason: 'test' };
      await workspace.addDestination(`${pager.url}/v2/enqueue`, { ...destination, disabled });
    }
    await workspace.create('req_2');
    await workspace.approve('req_1');
    await expect.poll(() => incidents()[0]?.status, { timeout: 25_000 }).toBe('resolved');
    expect(incidents()).toHaveLength(1);
  },
);

const deliveredToTeams = ({ channel, outcome }: { channel: string; outcome: string }): boolean =>
  channel === 'teams' && outcome === 'delivered';
