/** What happened while a request waited: noted as the feed tells it, for the span that is made at the end. */
import type { EventType, FeedEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { recordTtl, whileWaiting } from '../record/record.ts';

/** One thing that happened, without words or arguments. */
export type Noted = {
  type: EventType;
  /** Redis time in ms. */
  at: number;
  /** The person who did it, where one did. */
  by?: string;
  /** By which channel somebody was told, or could not be. */
  channel?: string;
  verdict?: string;
};

const telling: ReadonlySet<EventType> = new Set([
  'notice.delivered',
  'notice.failed',
  'request.unheard',
  'request.undecidable',
  'request.reminded',
  'request.escalated',
  'request.viewed',
  'request.claimed',
  'request.unclaimed',
  'request.edited',
  'request.raised',
  'question.asked',
  'question.answered',
  'verdict.given',
  'verdict.undone',
] as const);

const ending: ReadonlySet<EventType> = new Set([
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
  'request.superseded',
] as const);

/** Whether nobody is waited for any longer after this event. */
export const endsWait = ({ type }: FeedEvent): boolean => ending.has(type);

/** What an event adds to the span of its request; undefined where it adds nothing. */
export function notedOf({ type, at, actor, data = {} }: FeedEvent): Noted | undefined {
  if (!telling.has(type)) return undefined;
  const { channel, verdict } = data;
  return {
    type,
    at,
    ...(actor.kind === 'person' ? { by: actor.id } : {}),
    ...(typeof channel === 'string' ? { channel } : {}),
    ...(typeof verdict === 'string' ? { verdict } : {}),
  };
}

/** Notes it under the event's id, so that an event which comes twice is noted once. What came after the end is not of the wait. */
export async function note(
  redis: Redis,
  { workspace, id, decided_at }: RequestRecord,
  eventId: string,
  noted: Noted,
): Promise<void> {
  if (decided_at !== undefined && noted.at > decided_at) return;
  const key = workspaceKeys(workspace).waited(id);
  await Promise.all([
    redis.hset(key, eventId, JSON.stringify(noted)),
    redis.pexpire(key, decided_at === undefined ? whileWaiting : recordTtl),
  ]);
}

/** All of it, in the order in which it happened. */
export async function readNoted(redis: Redis, workspace: string, requestId: string): Promise<Noted[]> {
  const texts = Object.values(await redis.hgetall(workspaceKeys(workspace).waited(requestId)));
  return texts.map((text) => JSON.parse(text) as Noted).sort((one, other) => one.at - other.at);
}

/** The wait is over: what was noted of it need not outlive the attempts to export it. */
export async function letGoOfNoted(redis: Redis, { workspace, id }: RequestRecord): Promise<void> {
  await redis.pexpire(workspaceKeys(workspace).waited(id), recordTtl);
}
