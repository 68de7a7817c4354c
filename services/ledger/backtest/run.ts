/** Whole backtests over a sealed log. */
import type { Simulation, Suggestions } from '@countersign/shared/contracts';
import type { PolicySet } from '@countersign/shared/policy';
import type { SealedLog } from '../reading/sealed-log.ts';
import { type Reading, readRecords, replay } from './read.ts';
import { openSimulation, type Period } from './simulate.ts';
import { openSuggesting, type SuggestOptions } from './suggest.ts';

/** Judges every action of the log by a policy. */
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

/** Says where a person should be asked, as far as the log shows. */
export async function suggest(
  log: SealedLog,
  options: SuggestOptions,
  reading: Reading = {},
): Promise<Suggestions> {
  const suggesting = openSuggesting(options);
  const records = await readRecords(log, reading);
  for await (const replayed of replay(log, records, reading)) suggesting.take(replayed);
  return suggesting.result();
}
