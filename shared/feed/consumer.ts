/**
 * Reads the feeds of all workspaces as one member of a consumer group: whatever the group has not acknowledged
 * is handled again, by this process or another, until it has been.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { globalKeys, workspaceKeys } from '../keys/index.ts';
import { decodeEvent, type FeedEvent } from './event.ts';
import { wakeable } from './wakeable.ts';

export type FeedConsumerOptions = {
  /** A connection to make others from: each workspace is read on one of its own, since reading blocks. */
  redis: Redis;
  /** The consumer group, made from the feed's beginning where it is missing. */
  group: string;
  /**
   * Handles events of one workspace, oldest first. They are acknowledged when it resolves and handed over again,
   * unchanged and before any later ones, when it rejects. The same events may come twice, so it is idempotent.
   * One process hands them over in order; two processes of a group share a feed out between them.
   */
  handle: (workspace: string, events: FeedEvent[]) => Promise<void>;
  /** Told of every failure, Redis's or the handler's; reading goes on. */
  onError: (error: unknown, workspace: string | undefined) => void;
  /** At most so many events at once. */
  batch?: number;
  /** Events that a consumer has held for so long unacknowledged are taken over, ms. Longer than `handle` ever takes. */
  takeOverMs?: number;
  /** How often new workspaces are looked for, ms. */
  discoverMs?: number;
};

export type FeedConsumer = {
  /** Workspaces whose feed does not move, since when (this process's clock, ms) and why. */
  stuck(): { workspace: string; since: number; error: string }[];
  /** Lets the handler finish, then ends. What is not acknowledged stays for the others. */
  stop(): Promise<void>;
};

type Entries = [id: string, fields: string[] | null][];

/** How long a read waits for news, ms. */
const blockMs = 1_000;
/** How long `stop` waits for Redis to answer a reader before it hangs up, ms. */
const patienceMs = 2 * blockMs;
/** The pause after a failure: doubles from the first to the last, ms. */
const pauses = { first: 50, last: 2_000 };

/** Starts reading. Returns at once; with Redis away it begins when Redis is there. */
export function consumeFeeds(options: FeedConsumerOptions): FeedConsumer {
  const { redis, group, handle, onError, batch = 100, takeOverMs = 10_000, discoverMs = 250 } = options;
  const consumer = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const stopping = new AbortController();
  const failing = new Map<string, { since: number; error: string }>();
  const readers = new Map<string, { connection: Redis; wake: (by: Redis) => void; done: Promise<void> }>();

  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});

  /** Does `work` until it succeeds or the consumer stops; says whether it succeeded. */
  async function insist(workspace: string, work: () => Promise<unknown>): Promise<boolean> {
    for (let ms = pauses.first; !stopping.signal.aborted; ms = Math.min(ms * 2, pauses.last)) {
      try {
        await work();
        failing.delete(workspace);
        return true;
      } catch (error) {
        const since = failing.get(workspace)?.since ?? Date.now();
        failing.set(workspace, { since, error: error instanceof Error ? error.message : String(error) });
        onError(error, workspace);
        await pause(ms);
      }
    }
    return false;
  }

  async function follow(workspace: string, connection: Redis): Promise<void> {
    const { feed } = workspaceKeys(workspace);
    let takeOverAt = 0;
    let cursor = '0-0';

    const makeGroup = async (): Promise<void> => {
      await connection.xgroup('CREATE', feed, group, '0', 'MKSTREAM').catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
      });
    };
    /** Entries that some consumer took and never acknowledged. The oldest come first, so this goes before reading on. */
    const abandoned = async (): Promise<Entries> => {
      if (Date.now() < takeOverAt) return [];
      const reply = await connection.xautoclaim(feed, group, consumer, takeOverMs, cursor, 'COUNT', batch);
      cursor = String(reply[0]);
      if (cursor === '0-0') takeOverAt = Date.now() + takeOverMs / 2;
      return reply[1] as Entries;
    };
    const fresh = async (): Promise<Entries> => {
      // biome-ignore format: read it as the command it is
      const reply = await connection.xreadgroup(
        'GROUP', group, consumer, 'COUNT', batch, 'BLOCK', blockMs, 'STREAMS', feed, '>',
      );
      return reply?.[0]?.[1] ?? [];
    };
    const read = async (): Promise<Entries> => {
      const left = await abandoned();
      return left.length > 0 || stopping.signal.aborted ? left : fresh();
    };

    try {
      await insist(workspace, makeGroup);
      while (!stopping.signal.aborted) {
        let entries: Entries = [];
        const done = await insist(workspace, async () => {
          entries = await read().catch(async (error: unknown) => {
            // The feed was deleted under us, with its group.
            if (error instanceof Error && error.message.startsWith('NOGROUP')) await makeGroup();
            throw error;
          });
        });
        if (!done || entries.length === 0) continue;
        await insist(workspace, async () => {
          await handle(
            workspace,
            entries.map(([id, fields]) => decodeEvent(id, fields ?? [])),
          );
          await connection.xack(feed, group, ...entries.map(([id]) => id));
        });
      }
    } finally {
      connection.disconnect();
    }
  }

  async function discover(): Promise<void> {
    while (!stopping.signal.aborted) {
      const workspaces = await redis.smembers(globalKeys.workspaces).catch((error: unknown) => {
        if (!stopping.signal.aborted) onError(error, undefined);
        return [];
      });
      for (const workspace of workspaces) {
        if (readers.has(workspace) || stopping.signal.aborted) continue;
        const connection = redis.duplicate({
          maxRetriesPerRequest: null,
          // Commands of a connection that still tries to come back are kept, even when it is told to disconnect.
          retryStrategy: (times: number) =>
            stopping.signal.aborted ? null : Math.min(times * 50, pauses.last),
        });
        connection.on('error', (error) => onError(error, workspace));
        readers.set(workspace, {
          connection,
          wake: wakeable(connection),
          done: follow(workspace, connection),
        });
      }
      await pause(discoverMs);
    }
  }
  void discover();

  return {
    stuck: () => [...failing].map(([workspace, failure]) => ({ workspace, ...failure })),
    async stop() {
      stopping.abort();
      const all = [...readers.values()];
      for (const { wake } of all) wake(redis);
      const hangUp = setTimeout(() => {
        for (const { connection } of all) connection.disconnect();
      }, patienceMs);
      await Promise.all(all.map(({ done }) => done));
      clearTimeout(hangUp);
    },
  };
}
