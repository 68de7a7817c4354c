/** Everything that a workspace holds, as of one moment: read by one script, so that no commit falls in between. */
import { decodeEvent, type FeedEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

/** An event with the Redis time in ms at which it was committed: Redis itself writes that into the entry's id. */
export type Committed = FeedEvent & { committed: number };

export type Snapshot = {
  /** Redis time in ms. */
  now: number;
  records: Map<string, RequestRecord>;
  /** Field `revision` of each request's hash. */
  revisions: Map<string, string>;
  /** Every sorted set by its key: member → score. */
  sets: Map<string, Map<string, number>>;
  strings: Map<string, string>;
  feed: Committed[];
};

const script = `
local clock = redis.call('TIME')
local found = { clock[1] * 1000 + math.floor(clock[2] / 1000) }
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local type = redis.call('TYPE', key).ok
  local value
  if type == 'string' then value = redis.call('GET', key)
  elseif type == 'hash' then value = redis.call('HGETALL', key)
  elseif type == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif type == 'stream' then value = redis.call('XRANGE', key, '-', '+') end
  table.insert(found, { key, type, value })
end
return found
`;

type Entry =
  | [key: string, 'string', string]
  | [key: string, 'hash' | 'zset', string[]]
  | [key: string, 'stream', [string, string[]][]]; // prettier-ignore

function* pairs(flat: string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i] ?? '', flat[i + 1] ?? ''];
}

/** Reads a workspace. */
export async function takeSnapshot(redis: Redis, workspace = 'default'): Promise<Snapshot> {
  const keys = workspaceKeys(workspace);
  // In a pattern, only brackets would need a backslash; a workspace's name has none.
  const [now, ...entries] = (await redis.eval(script, 0, `cs:{${workspace}}:*`)) as [number, ...Entry[]];
  const snapshot: Snapshot = {
    now,
    records: new Map(),
    revisions: new Map(),
    sets: new Map(),
    strings: new Map(),
    feed: [],
  };
  for (const [key, type, value] of entries) {
    if (type === 'string') snapshot.strings.set(key, value);
    else if (type === 'zset') {
      const members = [...pairs(value)].map(([member, score]) => [member, Number(score)] as const);
      snapshot.sets.set(key, new Map(members));
    } else if (type === 'stream' && key === keys.feed) {
      snapshot.feed = value.map(([id, fields]) => ({
        ...decodeEvent(id, fields),
        committed: Number(id.split('-')[0]),
      }));
    } else if (type === 'hash' && key.startsWith(keys.request(''))) {
      const fields = new Map(pairs(value));
      const record = JSON.parse(fields.get('record') ?? '') as RequestRecord;
      snapshot.records.set(record.id, record);
      snapshot.revisions.set(record.id, fields.get('revision') ?? '');
    }
  }
  return snapshot;
}
