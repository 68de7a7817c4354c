/** What waits for one person, and what of it they have not been told of yet. */
import type { PersonalChannel, Preferences, Tier } from '@countersign/shared/contracts';
import { idForPerson, workspaceKeys } from '@countersign/shared/keys';
import { interruptingChannels, isQuiet } from '@countersign/shared/preferences';
import { isPlanted, type Loaded, loadRequests, type RequestRecord } from '@countersign/shared/request';
import { type Directory, isAway } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';

export type Waiting = {
  /** How many of each tier came without interrupting. */
  counts: Record<Tier, number>;
  /** The most urgent of those, at most so many as were asked for. */
  first: Loaded[];
  /** How many more wait that did interrupt when they came. */
  told: number;
};

/** Of one person no more are looked at: whoever has more than this needs no exact number. */
const mostRead = 1_000;

type Came = Pick<RequestRecord, 'channels' | 'created_at'> & { tier: Tier };

/**
 * Whether a request told this person at once when it came: by a channel that they or policy chose for its tier and on
 * which they can be reached, while they were there, and outside their quiet hours unless it was critical.
 */
export function interrupted(
  { tier, channels, created_at }: Came,
  preferences: Preferences,
  reached: ReadonlySet<PersonalChannel>,
): boolean {
  const told = interruptingChannels(preferences, { tier, channels });
  if (![...reached].some((channel) => told.includes(channel))) return false;
  if (isAway(preferences, created_at)) return false;
  return tier === 'critical' || !isQuiet(preferences, created_at);
}

/** Ids of what waits in this person's queues, most urgent first. */
async function idsFor(
  redis: Redis,
  workspace: string,
  person: string,
  directory: Directory,
): Promise<string[]> {
  const keys = workspaceKeys(workspace);
  const groups = directory.groupsOf(person);
  if (groups === undefined) return [];
  const audiences = [...new Set(['any', person, ...groups])];
  const queues = await Promise.all(
    audiences.map((audience) => redis.zrange(keys.queue(audience), '0', String(mostRead - 1), 'WITHSCORES')),
  );
  const urgency = new Map<string, number>();
  for (const reply of queues) {
    for (let i = 0; i + 1 < reply.length; i += 2) {
      const id = idForPerson(reply[i] ?? '', person);
      if (id !== undefined) urgency.set(id, Number(reply[i + 1]));
    }
  }
  return [...urgency]
    .sort(([a, before], [b, after]) => before - after || (a < b ? -1 : 1))
    .slice(0, mostRead)
    .map(([id]) => id);
}

/**
 * Reads what waits for a person at a moment (Redis time in ms).
 *
 * @param reached the channels by which this person can be reached
 * @param most how many of them are read in full
 */
export async function waitingFor(
  redis: Redis,
  { workspace, person, now }: { workspace: string; person: string; now: number },
  directory: Directory,
  preferences: Preferences,
  reached: ReadonlySet<PersonalChannel>,
  most: number,
): Promise<Waiting> {
  const keys = workspaceKeys(workspace);
  const ids = await idsFor(redis, workspace, person, directory);
  const texts = await Promise.all(ids.map((id) => redis.hget(keys.request(id), 'record')));
  const records = texts
    .flatMap((text) => (text === null ? [] : [JSON.parse(text) as RequestRecord]))
    // A deadline that has passed counts at once, although its timer may still be on its way.
    .filter(({ status, expires_at }) => status === 'pending' && (expires_at === null || expires_at > now))
    // Canaries are for browsers, never for a mailbox (law 10).
    .filter((record) => !isPlanted(record));
  const quiet = records.filter(({ terms: { tier }, channels, created_at }) => {
    return !interrupted({ tier, channels, created_at }, preferences, reached);
  });
  const counts: Record<Tier, number> = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { terms } of quiet) counts[terms.tier] += 1;
  const first = await loadRequests(
    redis,
    keys,
    quiet.slice(0, most).map(({ id }) => id),
  );
  return { counts, first, told: records.length - quiet.length };
}
