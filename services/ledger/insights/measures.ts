/** What is counted, in columns that add up. Pure. */
import { bucketOf, bucketsOf, type Kind, kinds } from './histogram.ts';

/** Of requests: rows without a reviewer. */
const ofRequests = [
  'arrived',
  /** Of which it is known what they look like: their texts were there. `repeats` are of those. */
  'known',
  'repeats',
  'approved',
  'edited',
  'rejected',
  'batched',
  'timed_out',
  'cancelled',
  /** From made to decided, of all that were, ms. */
  'waited_ms',
  // What policy decided alone, or a standing grant.
  'allowed',
  'denied',
  'granted',
  'unanswered',
] as const;

/** Of one reviewer's verdicts: rows that name them. */
const ofReviewers = [
  'opened',
  'gave_approve',
  'gave_edit',
  'gave_reject',
  /** Verdicts of which it is known how long they took, and how long that was in all, ms. */
  'timed',
  'timed_ms',
  /** Approvals with a claim and known texts, and how many of them were too fast: within the first half-hour, and after. */
  'read_early',
  'fast_early',
  'read_late',
  'fast_late',
] as const;

/** Of canaries, in both kinds of row: how many were answered, and how many of those caught, by how deep the fault lay. */
const ofCanaries = ['plain', 'plain_caught', 'buried', 'buried_caught'] as const;

export const canaryCounters: readonly Counter[] = ofCanaries;
export const counters = [...ofRequests, ...ofReviewers, ...ofCanaries] as const;
export type Counter = (typeof counters)[number];

function bucketColumn(kind: Kind, at: number): string {
  return `${kind}_${at}`;
}

/** Every column, in the tables' order. */
export const columns: readonly string[] = columnsOf(counters, kinds);

/** Those of some counters and histograms: an answer that has a row for each day or hour reads no more than it shows. */
export function columnsOf(some: readonly Counter[], spreads: readonly Kind[]): string[] {
  const buckets = (kind: Kind): string[] =>
    Array.from({ length: bucketsOf(kind) }, (_, at) => bucketColumn(kind, at));
  return [...some, ...spreads.flatMap(buckets)];
}

/** Columns of rows without a reviewer, and of those that name one: no column but canaries' is in both. */
export const columnsOfRequests = columnsOf([...ofRequests, ...ofCanaries], ['wait']);
export const columnsOfReviewers = columnsOf([...ofReviewers, ...ofCanaries], ['time', 'pace']);

/** Sums by column; what is absent is 0. */
export type Measures = Record<string, number>;

/** Adds to a counter. */
export function count(measures: Measures, counter: Counter, by = 1): void {
  measures[counter] = (measures[counter] ?? 0) + by;
}

/** Adds a value to a histogram. */
export function spread(measures: Measures, kind: Kind, value: number): void {
  const column = bucketColumn(kind, bucketOf(kind, value));
  measures[column] = (measures[column] ?? 0) + 1;
}

/** A histogram's counts, bucket by bucket. */
export const histogramIn = (measures: Measures, kind: Kind): number[] =>
  Array.from({ length: bucketsOf(kind) }, (_, at) => measures[bucketColumn(kind, at)] ?? 0);

export const valueIn = (measures: Measures, counter: Counter): number => measures[counter] ?? 0;

/** Adds the other to the first. */
export function addTo(measures: Measures, other: Measures): void {
  for (const [column, value] of Object.entries(other)) measures[column] = (measures[column] ?? 0) + value;
}
