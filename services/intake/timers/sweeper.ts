/** Walks the timer index: whatever is due happens, whether or not a wake-up came. */
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Logger } from 'pino';
import { prune } from '../store/prune.ts';
import { redisTime } from '../store/redis-time.ts';
import { type StoreContext, transact } from '../store/transact.ts';

/** How many timers one pass takes at most; the next pass goes on. */
const batch = 500;

/** Fires the timers of one workspace that are due by Redis time. Returns how many it looked at. */
export async function sweep(context: StoreContext, workspace: string): Promise<number> {
  const keys = workspaceKeys(workspace);
  const now = redisTime(await context.redis.time());
  const due = await context.redis.zrangebyscore(keys.timers, '-inf', now, 'LIMIT', 0, batch);
  if (due.length === 0) return 0;
  const current = await context.workspaces.current(workspace);
  if (current === undefined) return 0;
  await Promise.all(
    due.map(async (member) => {
      const [kind, id] = splitTimer(member);
      if (kind === 'prune') return prune(context.redis, current.snapshot, id);
      const done = await transact(context, workspace, id, () => ({ command: { kind: 'wake' } }));
      // A timer without a request cannot fire; it would be found again for ever.
      if (!done.ok && done.problem.code === 'not_found') await context.redis.zrem(keys.timers, member);
    }),
  );
  return due.length;
}

function splitTimer(member: string): [kind: string, id: string] {
  const colon = member.indexOf(':');
  return [member.slice(0, colon), member.slice(colon + 1)];
}

/** Sweeps every workspace each second, so that no timer waits for a wake-up that was lost. */
export function startSweeper(
  context: StoreContext,
  logger: Logger,
  everyMs = 1000,
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  async function pass(): Promise<void> {
    try {
      const workspaces = await context.redis.smembers(globalKeys.workspaces);
      for (const workspace of workspaces) {
        while (!stopped && (await sweep(context, workspace)) === batch);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the sweep was cut short; the next one goes on');
    }
    if (!stopped) timer = setTimeout(start, everyMs);
  }
  function start(): void {
    running = pass();
  }
  start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
