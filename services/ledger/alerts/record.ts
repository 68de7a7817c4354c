/**
 * The alerts of a workspace, in Redis: each in one script with its event, so that one that stands is on record, and one
 * that is on record is told of by whoever reads the feed. A crash before it leaves nothing, and the next look finds the
 * same; a crash after it leaves an alert that stands, which is not raised again.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Alert } from '@countersign/shared/contracts';
import { type EventBody, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis, Result } from 'ioredis';
import type { Changes } from './reconcile.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignRaiseAlert(
      alerts: string,
      alert: string,
      feed: string,
      ...args: string[]
    ): Result<0 | 1, Context>;
    countersignClearAlert(alert: string, feed: string, ...args: (string | number)[]): Result<0 | 1, Context>;
  }
}

/** A cleared alert is shown for so long, and its messages can be brought up to date, ms. */
export const keptFor = 40 * 86_400_000;

/** Teaches a connection the scripts. Once per connection. */
export function defineAlertScripts(redis: Redis): void {
  const lua = (name: string): string => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
  redis.defineCommand('countersignRaiseAlert', { numberOfKeys: 3, lua: lua('raise') });
  redis.defineCommand('countersignClearAlert', { numberOfKeys: 2, lua: lua('clear') });
}

/** The last alert about each thing. Those that are no longer kept are forgotten. */
export async function readAlerts(redis: Redis, workspace: string): Promise<Map<string, Alert>> {
  const keys = workspaceKeys(workspace);
  const ids = Object.entries(await redis.hgetall(keys.alerts));
  const texts = await Promise.all(ids.map(([, id]) => redis.hget(keys.alert(id), 'record')));
  const gone = ids.flatMap(([key], at) => (texts[at] === null ? [key] : []));
  if (gone.length > 0) await redis.hdel(keys.alerts, ...gone);
  return new Map(
    ids.flatMap(([key], at): [string, Alert][] => {
      const text = texts[at] ?? null;
      return text === null ? [] : [[key, JSON.parse(text) as Alert]];
    }),
  );
}

/** The event of an alert. What it is about stands where events about requests have it, so that the same filters find it. */
function eventOf(type: 'alert.raised' | 'alert.cleared', alert: Alert, at: number): EventBody {
  const { id, kind, urgency, about, figures, cleared_because } = alert;
  const { tool, tier, agent, rules, team } = about;
  return {
    type,
    at,
    actor: { kind: 'system', id: 'ledger' },
    ...(agent === undefined ? {} : { agent }),
    ...(tool === undefined ? {} : { tool }),
    ...(tier === undefined ? {} : { tier }),
    data: {
      alert: id,
      kind,
      urgency,
      ...(rules === undefined ? {} : { rules }),
      ...(team === undefined ? {} : { team }),
      ...(type === 'alert.raised' ? { figures } : { because: cleared_because }),
    },
  };
}

/** The same for the same moment, so that a script whose answer was lost and that is called again names the same alert. */
const idOf = (key: string, at: number): string =>
  `alr_${createHash('sha256').update(`${at} ${key}`).digest('hex').slice(0, 26)}`;

/** Puts changes on record, each on its own. Returns those that were made. @param now Redis ms */
export async function writeChanges(
  redis: Redis,
  workspace: string,
  { raise, clear }: Changes,
  known: ReadonlyMap<string, Alert>,
  now: number,
): Promise<Alert[]> {
  const keys = workspaceKeys(workspace);
  const made: Alert[] = [];
  const time = new Date(now).toISOString();
  for (const { key, kind, about, urgency, figures } of raise) {
    const alert: Alert = {
      ...{ id: idOf(key, now), kind, status: 'raised', urgency, about, figures },
      raised_at: time,
    };
    const [, type, , event] = encodeEvent(eventOf('alert.raised', alert, now));
    const args = [key, known.get(key)?.id ?? '', alert.id, JSON.stringify(alert), type, event];
    if ((await redis.countersignRaiseAlert(keys.alerts, keys.alert(alert.id), keys.feed, ...args)) === 1)
      made.push(alert);
  }
  for (const { alert, because } of clear) {
    const cleared: Alert = { ...alert, status: 'cleared', cleared_at: time, cleared_because: because };
    const [, type, , event] = encodeEvent(eventOf('alert.cleared', cleared, now));
    const args = [JSON.stringify(alert), JSON.stringify(cleared), keptFor, type, event];
    if ((await redis.countersignClearAlert(keys.alert(alert.id), keys.feed, ...args)) === 1)
      made.push(cleared);
  }
  return made;
}
