/** What a canary is made from: a call of this workspace's own recent history that somebody looked at and approved. */
import type { Programme } from '@countersign/shared/policy';
import {
  isPlanted,
  type Loaded,
  loadRequests,
  type Payloads,
  type RequestRecord,
} from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Current } from '../workspace/workspaces.ts';
import { namesItsTime } from './dated.ts';

/** How far back is looked: among so many approvals, none older, none so new that it is remembered. ms. */
const most = 300;
export const oldest = 21 * 86_400_000;
const newest = 2 * 3_600_000;

/** What was right: approved by people as proposed, and not taken back or gone wrong. */
export function wasRight(record: RequestRecord): boolean {
  const { verdicts, version, revoked, outcome } = record;
  const held = verdicts.some(({ verdict }) => verdict === 'approve');
  return held && version === 1 && revoked === undefined && outcome?.status !== 'failed';
}

/** It can be told again: it neither says when it was made nor names itself, or the run and call that it was. */
function isTimeless({ id, run_id, call_id, created_at }: RequestRecord, payloads: Payloads, now: number) {
  const { args, said } = payloads.first ?? {};
  const text = JSON.stringify([args, said]);
  const itself = [id, run_id, call_id].some((name) => name !== undefined && text.includes(name));
  return !itself && !namesItsTime(text, created_at, now);
}

/**
 * Requests to make one from, in no order. Those that call their agent back are left out: a canary calls nobody; those of
 * a key that is gone, since nothing would come from it any more; those that could not be told again; and those that one
 * was made of before, or a card of a drill (`used`), since whoever saw that would know this.
 */
export async function sourcesFor(
  redis: Redis,
  { snapshot, now }: Current,
  programme: Programme,
  used: ReadonlySet<string>,
): Promise<Loaded[]> {
  const { keys, directory } = snapshot;
  const ids = await redis.zrange(
    keys.index('status', 'approved'),
    String(now - newest),
    String(now - oldest),
    'BYSCORE',
    'REV',
    'LIMIT',
    0,
    most,
  );
  const loaded = await loadRequests(redis, keys, ids);
  return loaded.filter(({ record, payloads }) => {
    const key = directory.keysById.get(record.key_id);
    return (
      !isPlanted(record) &&
      !used.has(record.id) &&
      wasRight(record) &&
      isTimeless(record, payloads, now) &&
      programme.concerns(record.tool) &&
      record.callback_url === undefined &&
      payloads.current !== undefined &&
      key !== undefined &&
      key.revoked_at === undefined
    );
  });
}
