/**
 * Approved nearly always: cells whose interval for what is watched all the time (`watched`; the fixed-n one would be too
 * narrow for a question that is asked every minute) lies above 97%, over 30 days. Pure.
 */
import type { AlertFigures, Tier } from '@countersign/shared/contracts';
import { LEAST } from '@countersign/shared/figures';
import { rulesIn } from '../insights/cell.ts';
import { approvalOf } from '../insights/estimates.ts';
import { readingOf } from '../insights/reading.ts';
import type { CellSums } from '../insights/sums.ts';
import type { Finding } from './finding.ts';

/** So far below the bound its lower end must fall for the alert to end. */
const slack = 0.02;

/**
 * Each cell. What it means stays open unless canaries say it: an approval rate alone can not tell a safe tool from a
 * rubber stamp.
 *
 * @param drifting whether the drift alarm of a cell, or of its team, came in these 30 days
 */
export function approvalFindings(
  cells: readonly CellSums[],
  { above, drifting }: { above: number; drifting: (cell: CellSums) => boolean },
): Finding[] {
  return cells.map((cell): Finding => {
    const { tool, rules, tier, team, requests, verdicts, people } = cell;
    const about = { tool, rules: rulesIn(rules), tier: tier as Tier, team };
    const rate = approvalOf(requests);
    if (!rate.enough || rate.n < LEAST.suggestion)
      return { kind: 'always_approved', about, state: 'off', figures: {} };
    const { k, n, watched } = rate;
    const { reading } = readingOf(
      { requests, verdicts, people: people.length },
      { drifting: drifting(cell), elsewhere: () => ({}) },
    );
    const figures: AlertFigures = { share: { k, n, rate: rate.rate, ...watched }, reading };
    const state = watched.low >= above ? 'on' : watched.low < above - slack ? 'off' : 'between';
    return { kind: 'always_approved', about, state, figures };
  });
}
