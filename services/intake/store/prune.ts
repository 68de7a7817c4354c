/** Requests whose time in Redis is over leave it with all that belongs to them. */
import { isTerminal, loadRequest } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Snapshot } from '../workspace/workspaces.ts';
import { Commit } from './commit.ts';
import { writeEntries } from './entries.ts';

/** How long an idempotency key outlives its request, ms: a late repeat is refused, never judged again. */
const idempotencyOutlives = 86_400_000;

/** Removes a finished request; leaves one alone that is gone or, by whatever mistake, not finished. */
export async function prune(redis: Redis, { keys }: Snapshot, id: string): Promise<void> {
  const loaded = await loadRequest(redis, keys, id);
  if (loaded === undefined) {
    await redis.zrem(keys.timers, `prune:${id}`);
    return;
  }
  const { record } = loaded;
  if (!isTerminal(record.status)) return;
  const commit = new Commit().expect(keys.request(id), { revision: String(record.revision) });
  if (record.idempotency !== undefined) {
    const key = keys.idempotency(record.agent, record.idempotency);
    commit.write('PEXPIRE', key, idempotencyOutlives);
  }
  commit.write('DEL', keys.request(id));
  commit.write('DEL', keys.outcomeDetail(id));
  commit.write('DEL', keys.questions(id));
  if (record.planted !== undefined) commit.write('DEL', keys.canaryRight(id));
  for (let version = 1; version <= record.payload_version; version++)
    commit.write('DEL', keys.payload(id, version));
  writeEntries(commit, keys, record, undefined);
  await commit.run(redis);
}
