/** Whoever reads the log is in it: events of the ledger's own, on record before anything is answered. */
import { type EventType, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Caller } from '../access/keys.ts';

/** One copy of the log is many bundles: it is told of once in so long for each key, ms. */
const oneExportMs = 3_600_000;

export type OnRecord = {
  /** These entries were read with names and texts: `from` up to, but not including, `to`. */
  read(caller: Caller, from: number, to: number): Promise<void>;
  /** Bundles of entries are being taken, as somebody does who verifies or copies the log. */
  exported(caller: Caller, size: number): Promise<void>;
  /** The history was asked for this, or what it found was taken; or insights were. */
  searched(
    caller: Caller,
    type: 'audit.read' | 'audit.exported' | 'insights.read',
    what: Record<string, unknown>,
  ): Promise<void>;
};

/** Opens it. Rejects where the event could not be written: then nothing is to be answered. */
export function openOnRecord(redis: Redis): OnRecord {
  const told = new Map<string, number>();

  async function tell(
    { workspace, key }: Caller,
    type: EventType,
    data: Record<string, unknown>,
  ): Promise<void> {
    const [seconds, micros] = await redis.time();
    const at = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    const actor = { kind: 'person', id: key.owner } as const;
    const event = encodeEvent({ type, at, actor, data: { key: key.id, ...data } });
    await redis.xadd(workspaceKeys(workspace).feed, '*', ...event);
  }

  return {
    searched: tell,
    read: (caller, from, to) => tell(caller, 'audit.read', { from, to }),
    async exported(caller, size) {
      const last = told.get(caller.key.id);
      if (last !== undefined && performance.now() - last < oneExportMs) return;
      await tell(caller, 'audit.exported', { form: 'tiles', size });
      told.set(caller.key.id, performance.now());
    },
  };
}
