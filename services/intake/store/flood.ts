/**
 * How much an agent asks of people, in Redis. Every call that asks is counted in its own commit, and compared there with
 * what policy lets an agent ask; verdicts count in theirs.
 */
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Snapshot } from '../workspace/workspaces.ts';
import type { Commit } from './commit.ts';

/** For how long a rejection belongs to a row of them, ms. */
const rejectionsWithin = 3_600_000;

/**
 * Adds a call that asks a person, and makes its commit void where its agent asks too much, or has. What was planted is
 * not counted, and is void as well: of an agent that may not ask it would be known for what it is.
 */
export function writeAsk(
  commit: Commit,
  { keys, policy: { flood } }: Snapshot,
  { id, agent, created_at, planted }: RequestRecord,
): void {
  if (flood === undefined) return;
  const { asks, rejections, throttled } = keys.flood(agent);
  commit.expectAbsent('throttled', throttled);
  const most = (bound: number, window: number) =>
    ({ horizon: created_at - window, is: '<=', bound, without: [] }) as const;
  if (flood.asks !== null) {
    commit.expectCounted('flood', asks, most(flood.asks - 1, flood.window_ms));
    if (planted === undefined) commit.addToTally(asks, `1:${id}`, created_at, flood.window_ms);
  }
  if (flood.rejections !== null) {
    commit.expectCounted('flood', rejections, most(flood.rejections - 1, rejectionsWithin));
  }
}

/**
 * Adds a person's rejection to the row of its agent's, or ends the row with their approval. Those of one batch are one.
 * What was planted, what timed out and what policy decided says nothing of the agent.
 */
export function writeStreak(
  commit: Commit,
  keys: WorkspaceKeys,
  before: RequestRecord | undefined,
  after: RequestRecord,
): void {
  if (before?.status !== 'pending' || after.planted !== undefined) return;
  const { rejections } = keys.flood(after.agent);
  if (after.status === 'rejected' && after.stop_reason === 'approval_rejected') {
    const { decided_at = after.created_at, verdicts, id } = after;
    const as = verdicts.find(({ verdict }) => verdict === 'reject')?.batch ?? id;
    commit.addToTally(rejections, `1:${as}`, decided_at, rejectionsWithin);
  }
  if (after.status === 'approved') commit.writeAll('DEL', [rejections.members, rejections.sum]);
}
