/**
 * The delivery record: how far one destination has been brought with one request. Every change is a compare-and-set
 * in one script, so that attempts keep their order, happen one at a time, and a later state makes earlier ones moot.
 */
import { readFileSync } from 'node:fs';
import { isAlertId, type JsonObject } from '@countersign/shared/contracts';
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { type EventBody, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { StoredRequest } from '@countersign/shared/request';
import type { Redis, Result } from 'ioredis';
import { logLength } from './delivery-log.ts';
import { type Grouped, grouped } from './grouped.ts';
import { type DeliveryName, type RecordName, recordKey, wantedOf } from './name.ts';
import { subjectIn, tierOf } from './subject.ts';

export type { DeliveryName } from './name.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignWant(record: string, wanted: string, ...args: (string | number)[]): Result<0 | 1, Context>;
  }
}

type Read = string | null;
type ClaimReply =
  | ['go', number, 0 | 1, 0 | 1, string, Read, Read, Read, Read, StateVersions]
  | ['held', number, number, Read]
  | ['done' | 'superseded' | 'busy', number];

/**
 * Which directory, policy and preferences the workspace has, and in which run of Redis, since after a loss versions are
 * counted up once more; null for what it never had.
 */
export type StateVersions = readonly [
  directory: string | null,
  policy: string | null,
  preferences: string | null,
  run: string | null,
];

/** What a claim came to; see claim.lua. `now` is Redis time in ms. */
export type Claim =
  | {
      turn: 'go';
      now: number;
      interrupted: boolean;
      tried: boolean;
      kept: JsonObject | undefined;
      /** The request, or the alert, as it was when the turn was taken. */
      stored: StoredRequest;
      /** The destination of this id, in the same step; null where the workspace has none. */
      destination: string | null;
      versions: StateVersions;
    }
  /** The destination asked to be left alone until then. */
  | { turn: 'held'; now: number; until: number }
  | { turn: 'done' | 'superseded' | 'busy'; now: number };

/** How an attempt ended: in step now, to be tried again, or given up; or that it waits, and was none. */
export type Settlement = {
  result: 'delivered' | 'failed' | 'dropped' | 'waits';
  attempt?: DeliveryAttempt;
  notice?: EventBody;
  /** For the next attempt about this request; absent leaves what is kept. */
  keep?: JsonObject;
  /** Nothing left this process: the attempt does not count as one that was tried. */
  nothing_sent?: true;
  /** The destination asked to be left alone: for how long nothing at all is sent to it, and nothing that is critical, ms. */
  hold?: { ms: number; critical_ms: number };
};

/**
 * Records outlive the whole retry schedule (75 hours) and so every redelivery of an event, ms; and while a request waits,
 * however long that is, what was put up for it is known, so that it can be taken down.
 */
export const recordTtl = 4 * 86_400_000;
export const whileWaiting = 40 * 86_400_000;
/** An event that was noted but never tried for so long no longer holds up later ones, ms. */
const patience = 60_000;

const lua = (name: string): string => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
const after = lua('after');

const scripts = new WeakMap<Redis, { claim: Grouped; settle: Grouped }>();

function scriptsOf(redis: Redis): { claim: Grouped; settle: Grouped } {
  const known = scripts.get(redis);
  if (known === undefined) throw new Error('this connection does not know the scripts of delivery records');
  return known;
}

/** Teaches a connection the record's scripts. Once per connection, before any other function here. */
export function defineRecordScripts(redis: Redis): void {
  redis.defineCommand('countersignWant', { numberOfKeys: 2, lua: after + lua('want') });
  scripts.set(redis, {
    claim: grouped(redis, 'countersignClaim', after + lua('claim')),
    settle: grouped(redis, 'countersignSettle', after + lua('settle')),
  });
}

/**
 * Notes that the destination is to learn of this event. `false`: it has been brought as far already.
 *
 * @param over whether the request is over, so that nothing put up for it need be known for long
 */
export async function want(redis: Redis, name: DeliveryName, over: boolean): Promise<boolean> {
  const ttl = over ? recordTtl : whileWaiting;
  const { wanted } = workspaceKeys(name.workspace);
  return (await redis.countersignWant(recordKey(name), wanted, name.event_id, ttl, wantedOf(name))) === 1;
}

/** Takes the turn for one attempt, and reads in the same step what it is about. `leaseMs` is longer than an attempt can take; `holder` names this attempt alone. What is critical is held back for less long than the rest. */
export async function claim(
  redis: Redis,
  name: DeliveryName,
  holder: string,
  leaseMs: number,
  critical = false,
): Promise<Claim> {
  const keys = workspaceKeys(name.workspace);
  const { request_id: id, event_id } = name;
  const destinationId = name.destination.slice(name.destination.indexOf('-') + 1);
  const reply = (await scriptsOf(redis).claim(
    [
      recordKey(name),
      isAlertId(id) ? keys.alert(id) : keys.request(id),
      keys.payload(id, 1),
      keys.outcomeDetail(id),
      keys.destinations,
      keys.state,
      keys.pace(name.destination),
      keys.wanted,
    ],
    [event_id, holder, leaseMs, patience, recordTtl, destinationId, critical ? 1 : 0, wantedOf(name)],
  )) as ClaimReply;
  if (reply[0] === 'go') {
    const [turn, now, interrupted, tried, kept, record, first, detail, destination, versions] = reply;
    return {
      turn,
      now,
      interrupted: interrupted === 1,
      tried: tried === 1,
      kept: kept === '' ? undefined : (JSON.parse(kept) as JsonObject),
      stored: { record, first, detail },
      destination,
      versions,
    };
  }
  if (reply[0] === 'held') {
    const [turn, now, until, record] = reply;
    // Only of what is held back it is asked how pressing it is.
    return !critical && isCritical(record) ? claim(redis, name, holder, leaseMs, true) : { turn, now, until };
  }
  return { turn: reply[0], now: reply[1] };
}

const isCritical = (record: Read): boolean => record !== null && tierOf(subjectIn(record)) === 'critical';

/** What the last attempt asked to be kept, for whoever can learn from nothing else what was told. */
export async function keptOf(redis: Redis, name: RecordName): Promise<JsonObject | undefined> {
  const kept = await redis.hget(recordKey(name), 'kept');
  return kept === null ? undefined : (JSON.parse(kept) as JsonObject);
}

/** Ends the turn. `false`: it was no longer ours, and nothing was written. Repeating it is harmless. */
export async function settle(
  redis: Redis,
  name: DeliveryName,
  holder: string,
  { result, attempt, notice, keep, nothing_sent, hold }: Settlement,
): Promise<boolean> {
  const keys = workspaceKeys(name.workspace);
  const [, type, , event] = notice === undefined ? ['', '', '', ''] : encodeEvent(notice);
  const line = attempt === undefined ? '' : JSON.stringify(attempt);
  const args = [
    name.event_id,
    holder,
    result,
    recordTtl,
    line,
    logLength,
    type,
    event,
    keep === undefined ? '' : JSON.stringify(keep),
    nothing_sent === undefined ? '' : '1',
    name.destination,
    Math.ceil(hold?.ms ?? 0),
    Math.ceil(hold?.critical_ms ?? 0),
    wantedOf(name),
  ];
  const { deliveryLog, feed, failing, pace, wanted } = keys;
  const settled = await scriptsOf(redis).settle(
    [recordKey(name), deliveryLog, feed, failing, pace(name.destination), wanted],
    args,
  );
  return settled === 1;
}
