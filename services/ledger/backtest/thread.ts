/** The thread of one backtest: gives on how far it is, then what came of it, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Job, workOut } from './job.ts';
import type { Progress } from './read.ts';

/** How often it is told how far it is, ms: each time is work for the thread that answers. */
const tellEveryMs = 200;

let told: Pick<Progress, 'stage'> & { at: number } = { stage: 'reading', at: 0 };

function tell(progress: Progress): void {
  const early = performance.now() - told.at < tellEveryMs;
  if (early && progress.stage === told.stage && progress.done < progress.of) return;
  told = { stage: progress.stage, at: performance.now() };
  parentPort?.postMessage({ progress });
}

const result = await workOut(workerData as Job, tell);
parentPort?.postMessage({ result });
