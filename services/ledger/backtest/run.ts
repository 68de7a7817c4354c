/** A whole simulation over a sealed log. */
import type { Simulation } from '@countersign/shared/contracts';
import type { PolicySet } from '@countersign/shared/policy';
import type { SealedLog } from '../reading/sealed-log.ts';
import { type Reading, readRecords, replay } from './read.ts';
import { openSimulation, type Period } from './simulate.ts';

/** Judges every action of the log by a policy. Rejects with the signal's reason where that ends it. */
export async function simulate(
  log: SealedLog,
  set: PolicySet,
  period: Period,
  reading: Reading = {},
): Promise<Simulation> {
  const simulating = openSimulation(set, period);
  const records = await readRecords(log, reading);
  for await (const replayed of replay(log, records, reading)) simulating.take(replayed);
  return simulating.result();
}
