/** Runs the load generator in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Load = {
  url: string;
  key: string;
  bodies: string[];
  /** Kept alive; each sends its next request when the one before has been answered. */
  connections: number;
  amount: number;
  /** Makes the idempotency keys of this load unique. */
  name: string;
};

/** Latencies in ms. */
export type LoadResult = { perSecond: number; p50: number; p99: number; failed: number };

/** Sends a load and waits for its result. */
export async function sendLoad(load: Load): Promise<LoadResult> {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)));
  child.send(load);
  const [result] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [
    LoadResult | number,
  ];
  if (typeof result !== 'object') throw new Error(`the load generator ended with ${result}`);
  if (result.failed > 0) throw new Error(`${result.failed} of ${load.amount} requests to ${load.url} failed`);
  return result;
}
