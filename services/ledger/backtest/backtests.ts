/**
 * The backtests of a process. Each has a thread of its own, so that nothing else waits while a log is read from its
 * beginning; whoever goes away ends it, whatever it is doing.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Simulation, Suggestions } from '@countersign/shared/contracts';
import { takeTurns } from '../history/turns.ts';
import type { Job } from './job.ts';
import type { Progress } from './read.ts';

export type Backtests = {
  /**
   * Works it out, or waits for its turn to. Rejects with the signal's reason where that ends it, and with what the
   * thread failed with.
   *
   * @param workspace whose it is: it has a few places, so that it can not fill all of them
   * @returns undefined, at once, where its workspace has as many under way as it may have
   */
  run(workspace: string, job: Job, telling: Telling): Promise<Simulation | Suggestions> | undefined;
  /** Ends all of them. */
  close(): Promise<void>;
};

export type Telling = { onProgress: (progress: Progress) => void; signal: AbortSignal };

type Message = { progress: Progress } | { result: Simulation | Suggestions };

/** Of one workspace, those that wait for their turn counted in. */
const mostOfOne = 4;
/** What one may hold in memory, MiB: some 300 bytes for each action of the log, and more of those that are suggested on. */
const memory = 2_048;

const thread = new URL('./thread.ts', import.meta.url);

/** Opens them. One at a time where there are few processors, so that one stays free for everything else. */
export function openBacktests(): Backtests {
  const turns = takeTurns(availableParallelism() > 2 ? 2 : 1);
  const closing = new AbortController();
  const underWay = new Map<string, number>();
  const ended = new Set<Promise<unknown>>();

  const count = (workspace: string, by: 1 | -1): void => {
    const now = (underWay.get(workspace) ?? 0) + by;
    if (now === 0) underWay.delete(workspace);
    else underWay.set(workspace, now);
  };

  return {
    run(workspace, job, { onProgress, signal }) {
      if ((underWay.get(workspace) ?? 0) >= mostOfOne) return undefined;
      count(workspace, 1);
      const either = AbortSignal.any([signal, closing.signal]);
      const done = turns(() => onThread(job, onProgress, either), either).finally(() => count(workspace, -1));
      const end = done.catch(() => undefined).finally(() => ended.delete(end));
      ended.add(end);
      return done;
    },
    async close() {
      closing.abort();
      await Promise.all(ended);
    },
  };
}

/** Settles once the thread has ended, so that no more of them are there than have a turn. */
async function onThread(
  job: Job,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Simulation | Suggestions> {
  signal.throwIfAborted();
  // Nothing of the environment, and no flags: what a thread is given is its job.
  const resourceLimits = { maxOldGenerationSizeMb: memory };
  const worker = new Worker(thread, { workerData: job, env: {}, execArgv: [], resourceLimits });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      let result: Simulation | Suggestions | undefined;
      let failure: unknown;
      worker.on('message', (message: Message) => {
        if ('progress' in message) onProgress(message.progress);
        else result = message.result;
      });
      worker.once('error', (error) => {
        failure = error;
      });
      worker.once('exit', (code) => {
        if (signal.aborted) reject(signal.reason);
        else if (result !== undefined) resolve(result);
        else reject(failure ?? new Error(`The thread of a backtest ended with ${code}, and no result.`));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
