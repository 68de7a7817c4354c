/** A backtest as it is asked for: all that it takes to work it out on another thread. */
import { hash } from 'node:crypto';
import type { Simulation, Suggestions } from '@countersign/shared/contracts';
import { loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import { openDisk } from '../disk/disk.ts';
import { openSealedLog, type SealedLog } from '../reading/sealed-log.ts';
import type { Progress } from './read.ts';
import { simulate, suggest } from './run.ts';
import type { Period } from './simulate.ts';

/** `folder` is the one of the workspace; times are Redis ms. */
export type Job = {
  folder: string;
  /** Requests that an audit found wrong, and those that it found right. */
  audited: readonly string[];
  cleared: readonly string[];
} & ({ kind: 'simulation'; files: PolicyFile[]; period: Period } | { kind: 'suggestions'; from?: number });

/**
 * Puts request ids into an order of chance. Nobody knows a checkpoint beforehand, so nobody chooses what is drawn; and
 * of the same log the same is drawn.
 */
export const lotsOf =
  ({ checkpoint }: Pick<SealedLog, 'checkpoint'>) =>
  (requestId: string): string =>
    hash('sha256', `${checkpoint}${requestId}`);

/** Works it out. Throws where there is no log any more, or the policy does not load: both were looked at before. */
export async function workOut(
  job: Job,
  onProgress: (progress: Progress) => void,
): Promise<Simulation | Suggestions> {
  const log = await openSealedLog(openDisk(job.folder));
  if (log === undefined) throw new Error('There is no sealed log any more.');
  const { audited, cleared } = job;
  const reading = { onProgress, audited, cleared };
  if (job.kind === 'suggestions') {
    const from = job.from === undefined ? {} : { from: job.from };
    return suggest(log, { ...from, now: Date.now(), lotOf: lotsOf(log) }, reading);
  }
  const loaded = loadPolicySet(job.files);
  if (!loaded.ok) throw new Error('The policy does not load any more.');
  return simulate(log, loaded.set, job.period, reading);
}
