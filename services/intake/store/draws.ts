/**
 * Which calls were drawn for review and have not run. Such a call stays drawn: whoever proposes it again, under whatever
 * name, run or context, gets no other draw until one of them has run.
 */
import { hash } from 'node:crypto';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Commit } from './commit.ts';

/** How long a call that never runs stays drawn, ms. */
const lasts = 30 * 86_400_000;

/** By tool and arguments alone: the rest of a proposal is the agent's to choose. */
function placeOf(keys: WorkspaceKeys, { tool, args_digest }: RequestRecord): string {
  return keys.drawn(hash('sha256', `${JSON.stringify(tool)}\n${args_digest}`, 'hex'));
}

/**
 * Adds to the commit of a call under `review_after` that it was drawn, or makes it void where the call was drawn before:
 * so of any number of proposals at once none gets past one that was drawn. The conflict is named `drawn`.
 *
 * @param sample the share that is drawn; of a tool of which all are, none has to be remembered
 */
export function writeDraw(commit: Commit, keys: WorkspaceKeys, request: RequestRecord, sample: number): void {
  if (sample >= 1) return;
  const place = placeOf(keys, request);
  if (request.review !== undefined) commit.write('SET', place, request.id, 'PX', lasts);
  else if (request.status === 'approved') commit.expectAbsent('drawn', place);
}

/** Adds to the commit in which a drawn call is used up that its next proposal is drawn anew. */
export function writeDrawnRun(
  commit: Commit,
  keys: WorkspaceKeys,
  before: RequestRecord | undefined,
  after: RequestRecord,
): void {
  if (after.review === undefined || after.review.sample >= 1) return;
  if (before?.consumed === undefined && after.consumed !== undefined)
    commit.write('DEL', placeOf(keys, after));
}
