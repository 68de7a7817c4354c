/** Finding a destination that a notice is addressed to, and taking it out of use. */
import { readFileSync } from 'node:fs';
import type { DestinationRecord } from '@countersign/shared/directory';
import { encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Address, Found } from './channel.ts';

/** `stored` is the destination as Redis holds it, to change it only if nobody else has. */
export type StoredDestination = { destination: DestinationRecord; stored: string };

/** The destination as it is now. */
export async function findDestination(
  redis: Redis,
  { workspace, id, stored: known }: Pick<Address, 'workspace' | 'id' | 'stored'>,
): Promise<Found<StoredDestination>> {
  const stored = known === undefined ? await redis.hget(workspaceKeys(workspace).destinations, id) : known;
  if (stored === null) return { found: false, why: 'destination_deleted', quiet: true };
  const destination = JSON.parse(stored) as DestinationRecord;
  if (destination.disabled !== undefined) return { found: false, why: 'destination_disabled', quiet: false };
  return { found: true, target: { destination, stored } };
}

/** What a destination lacks that its kind can not do without. */
export const incomplete = { found: false, why: 'destination_incomplete', quiet: false } as const;

const lua = readFileSync(new URL('./disable.lua', import.meta.url), 'utf8');

/**
 * Disables it and puts `destination.disabled` in the feed, unless somebody has changed it since it was found; says
 * whether it did. `at`: Redis time in ms.
 */
export async function disableDestination(
  redis: Redis,
  { workspace, id }: Pick<Address, 'workspace' | 'id'>,
  stored: string,
  disabled: { at: number; reason: string },
): Promise<boolean> {
  const keys = workspaceKeys(workspace);
  const destination = JSON.parse(stored) as DestinationRecord;
  const { revision = 1 } = destination;
  const changed = JSON.stringify({ ...destination, disabled, revision: revision + 1 });
  const [, type, , event] = encodeEvent({
    type: 'destination.disabled',
    at: disabled.at,
    actor: { kind: 'system', id: 'notifier' },
    data: { destination: id, kind: destination.kind, reason: disabled.reason },
  });
  return (await redis.eval(lua, 2, keys.destinations, keys.feed, id, stored, changed, type, event)) === 1;
}
