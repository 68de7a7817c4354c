/** Finding a destination that a notice is addressed to, and taking it out of use. */
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { replaceField } from '../record/replace-field.ts';
import type { Address, Found } from './channel.ts';

/** `stored` is the destination as Redis holds it, to change it only if nobody else has. */
export type StoredDestination = { destination: DestinationRecord; stored: string };

/** The destination as it is now. */
export async function findDestination(
  redis: Redis,
  { workspace, id }: Pick<Address, 'workspace' | 'id'>,
): Promise<Found<StoredDestination>> {
  const stored = await redis.hget(workspaceKeys(workspace).destinations, id);
  if (stored === null) return { found: false, why: 'destination_deleted', quiet: true };
  const destination = JSON.parse(stored) as DestinationRecord;
  if (destination.disabled !== undefined) return { found: false, why: 'destination_disabled', quiet: false };
  return { found: true, target: { destination, stored } };
}

/** What a destination lacks that its kind can not do without. */
export const incomplete = { found: false, why: 'destination_incomplete', quiet: false } as const;

/** Disables it, unless somebody has changed it since it was found. `at`: Redis time in ms. */
export async function disableDestination(
  redis: Redis,
  { workspace, id }: Pick<Address, 'workspace' | 'id'>,
  stored: string,
  disabled: { at: number; reason: string },
): Promise<void> {
  const changed = JSON.stringify({ ...(JSON.parse(stored) as DestinationRecord), disabled });
  await replaceField(redis, workspaceKeys(workspace).destinations, id, stored, changed);
}
