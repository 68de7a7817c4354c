/**
 * Limits over time in Redis. A request's shares follow from its record, as its timers do: whatever ends it gives them
 * back in the same commit. A decision rests on a count being within a bound or past it, and not on the count itself: any
 * number of proposals at once go through side by side, and only whom the bound comes between is judged again.
 */
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord, Share } from '@countersign/shared/request';
import type { Commit, CountedExpectation } from './commit.ts';

export type LimitExpectation = CountedExpectation & { tally: string };

/** Where a request stands in a tally. */
export const memberOf = ({ amount }: Pick<Share, 'amount'>, id: string): string => `${amount}:${id}`;

const ends = new Set<string>(['rejected', 'timed_out', 'cancelled']);

/** What has ended without running, was taken back before it ran, or was planted and never runs takes nothing. */
function takes({ status, revoked, planted }: RequestRecord): boolean {
  return !ends.has(status) && revoked === undefined && planted === undefined;
}

/** The shares that count now. */
export function sharesOf(record: RequestRecord): Share[] {
  return takes(record) ? (record.shares ?? []) : [];
}

/** Adds to a commit what takes the shares from `before` (undefined: none) to `after`. */
export function writeShares(
  commit: Commit,
  keys: WorkspaceKeys,
  before: RequestRecord | undefined,
  after: RequestRecord,
): void {
  // A record whose shares were erased goes on to count: nobody may make room by erasing.
  if (takes(after) && after.shares === undefined) return;
  const old = before === undefined ? [] : sharesOf(before);
  const now = sharesOf(after);
  const among = (shares: Share[], { tally, amount }: Share) =>
    shares.some((share) => share.tally === tally && share.amount === amount);
  for (const share of old.filter((one) => !among(now, one))) {
    commit.takeFromTally(keys.tally(share.tally), memberOf(share, after.id));
  }
  for (const share of now.filter((one) => !among(old, one))) {
    commit.addToTally(keys.tally(share.tally), memberOf(share, after.id), after.created_at, share.window_ms);
  }
}

/** Makes a commit void where a count has come to lie on the other side of its bound. */
export function expectLimits(
  commit: Commit,
  keys: WorkspaceKeys,
  expectations: readonly LimitExpectation[],
): void {
  for (const { tally, ...expected } of expectations) {
    commit.expectCounted('limit', keys.tally(tally), expected);
  }
}
