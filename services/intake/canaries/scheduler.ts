/**
 * Plants canaries where policy has announced them (docs/canaries.md): each review of tier medium or above draws, at the
 * announced rate, whether one follows it and when. So they come as reviews come, and nothing about when one came tells.
 * What is drawn is kept in Redis and changed under a revision: of several intakes one plants, and a crash plants nothing
 * twice.
 */
import { decodeEvent, type FeedEvent } from '@countersign/shared/feed';
import { globalKeys } from '@countersign/shared/keys';
import { isRunning, type Programme } from '@countersign/shared/policy';
import {
  isPlanted,
  loadRequests,
  type PlantedRequest,
  type RequestRecord,
} from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { timersOf } from '../lifecycle/due.ts';
import { readAround } from '../requests/route.ts';
import type { Service } from '../requests/service.ts';
import { Commit } from '../store/commit.ts';
import { transact } from '../store/transact.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import { findChoice } from './find.ts';
import { isWritten } from './library.ts';
import type { Draw } from './mutate.ts';
import { canaryFrom, writeCanary } from './plant.ts';
import { isBusy, unquietUntil } from './quiet.ts';

import { isStopped } from './switch.ts';
import { isToldToBrowsersOnly } from './told-to-browsers.ts';

/** One follows the review that drew it by so much on average, and never by more, ms. */
const follows = { mean: 8 * 60_000, most: 60 * 60_000 };
/** Events that one look reads. */
const mostEvents = 1_000;
const measured: ReadonlySet<string | undefined> = new Set(['medium', 'high', 'critical']);

/** What has been drawn. Times are Redis ms. */
type Plan = {
  revision: string;
  cursor: string | undefined;
  drawn: number[];
  unquiet_until: number;
  /** Names of canaries that somebody wrote and that were planted: none is planted twice. */
  written: string[];
};

type Scheduling = Pick<Service, 'redis' | 'workspaces' | 'onTimers'>;

async function readPlan(redis: Redis, key: string): Promise<Plan> {
  const {
    revision = '',
    cursor,
    drawn = '[]',
    unquiet_until = '0',
    written = '[]',
  } = await redis.hgetall(key);
  return {
    revision,
    cursor,
    drawn: JSON.parse(drawn) as number[],
    unquiet_until: Number(unquiet_until),
    written: JSON.parse(written) as string[],
  };
}

/** The canaries that wait, and those of the last days. */
async function readPlanted({ redis }: Scheduling, { snapshot }: Current): Promise<PlantedRequest[]> {
  const { keys } = snapshot;
  const [open, ended] = await Promise.all([
    redis.zrange(keys.canaries('open'), '0', '-1'),
    redis.zrange(keys.canaries('ended'), '-200', '-1'),
  ]);
  const loaded = await loadRequests(redis, keys, [...open, ...ended]);
  return loaded.map(({ record }) => record).filter(isPlanted);
}

const isOpen = ({ decided_at }: RequestRecord): boolean => decided_at === undefined;

/** When the canaries of these reviews are due, and until when an incident among these events lasts. */
function drawnFrom(
  events: readonly FeedEvent[],
  planted: ReadonlySet<string>,
  programme: Programme,
  draw: Draw,
): Pick<Plan, 'drawn' | 'unquiet_until'> {
  const reviews = events.filter(
    ({ type, tier, tool = '', request_id = '' }) =>
      type === 'request.created' &&
      measured.has(tier) &&
      programme.concerns(tool) &&
      !planted.has(request_id),
  );
  return {
    drawn: reviews.flatMap(({ at }) => {
      if (draw() >= programme.rate) return [];
      return [Math.round(at + Math.min(-Math.log(1 - draw()) * follows.mean, follows.most))];
    }),
    unquiet_until: Math.max(0, ...events.map(unquietUntil)),
  };
}

/** Takes back those that wait, as their agents would. */
async function withdraw(scheduling: Scheduling, workspace: string, open: readonly PlantedRequest[]) {
  for (const { id } of open)
    await transact(scheduling, workspace, id, ({ record: { agent } }) => ({
      command: { kind: 'cancel', agent },
    }));
}

/**
 * Looks once at one workspace: takes back what should no longer wait, draws for the reviews that came since, and plants
 * at most one that is due. Gives the id of what it planted. Rejects when Redis cannot be reached.
 */
export async function lookAt(
  scheduling: Scheduling,
  workspace: string,
  draw: Draw,
): Promise<string | undefined> {
  const { redis } = scheduling;
  const current = await scheduling.workspaces.current(workspace);
  if (current === undefined) return undefined;
  const { snapshot, now } = current;
  const { keys } = snapshot;
  const { canaries: programme } = snapshot.policy;
  const running = isRunning(programme, now) && !(await isStopped(redis, current));
  if (!running && (await redis.zcard(keys.canaries('open'))) === 0) {
    // Which canaries of a library were planted is never forgotten.
    await redis.hdel(keys.canaryPlan, 'revision', 'cursor', 'drawn', 'unquiet_until');
    return undefined;
  }
  const [plan, planted, waiting, around] = await Promise.all([
    readPlan(redis, keys.canaryPlan),
    readPlanted(scheduling, current),
    redis.zcard(keys.index('status', 'pending')),
    readAround(redis, current),
  ]);
  const [[newest] = []] = await redis.xrevrange(keys.feed, '+', '-', 'COUNT', 1);
  const cursor = plan.cursor ?? newest ?? '0-0';
  const entries = await redis.xrange(keys.feed, `(${cursor}`, '+', 'COUNT', mostEvents);
  const events = entries.map(([id, fields]) => decodeEvent(id, fields));
  const known = new Set(planted.map(({ id }) => id));
  const later = running ? drawnFrom(events, known, programme, draw) : { drawn: [], unquiet_until: 0 };
  const unquiet_until = Math.max(plan.unquiet_until, later.unquiet_until);
  const quiet = running && now >= unquiet_until && !isBusy(waiting, worldOf(current));

  const open = planted.filter(isOpen);
  const isWanted = (request: PlantedRequest): boolean =>
    quiet && programme.concerns(request.tool) && isToldToBrowsersOnly(request, around);
  const unwanted = open.filter((request) => !isWanted(request));
  await withdraw(scheduling, workspace, unwanted);

  const drawn = [...plan.drawn, ...later.drawn];
  const isDue = quiet && drawn.some((at) => at <= now);
  const used = new Set([...planted.map(({ planted: { source } }) => source), ...plan.written]);
  const choice = isDue ? await findChoice(redis, current, programme, planted, used, draw) : undefined;
  // What was read until now took time. What is planted bears the time of its commit, as a proposal does.
  const then = choice === undefined ? undefined : await scheduling.workspaces.current(workspace);
  const canary = choice && then && (await canaryFrom(redis, choice, then));
  const commit = new Commit();
  commit.expect(keys.canaryPlan, { revision: plan.revision });
  if (canary !== undefined && then !== undefined) {
    commit.expectAbsent('stopped', keys.canariesStopped);
    writeCanary(commit, then, canary);
  }
  const next = {
    revision: Number(plan.revision || 0) + 1,
    cursor: entries.at(-1)?.[0] ?? cursor,
    // What was due and could not be planted is let go: later it would be one too many.
    drawn: JSON.stringify(drawn.filter((at) => at > now)),
    unquiet_until,
  };
  const moved = ['HSET', keys.canaryPlan, ...Object.entries(next).flat()] as const;
  commit.write(...moved);
  const from = canary?.request.planted.source;
  if (isWritten(from))
    commit.write('HSET', keys.canaryPlan, 'written', JSON.stringify([...plan.written, from]));
  const { outcome } = await commit.run(redis);
  if (canary === undefined || then === undefined) return undefined;
  if (outcome !== 'ok') {
    // Its agent may not ask now, the programme was stopped, or something has changed: what was due is let go all the same.
    await new Commit()
      .expect(keys.canaryPlan, { revision: plan.revision })
      .write(...moved)
      .run(redis);
    return undefined;
  }
  const times = Object.values(timersOf(canary.request));
  if (times.length > 0) scheduling.onTimers(workspace, times, then.now);
  return canary.request.id;
}

/** Looks at every workspace every few seconds, never at the same beat. What fails is looked at again. */
export function startCanaries(
  scheduling: Scheduling,
  logger: Logger,
  draw: Draw = Math.random,
): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running = Promise.resolve();
  async function pass(): Promise<void> {
    try {
      for (const workspace of await scheduling.redis.smembers(globalKeys.workspaces)) {
        if (!stopped) await lookAt(scheduling, workspace, draw);
      }
    } catch (error) {
      logger.warn({ err: error }, 'canaries were not looked at; they are next time');
    }
    next();
  }
  function next(): void {
    if (!stopped) timer = setTimeout(() => (running = pass()), 2_000 + draw() * 6_000);
  }
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
