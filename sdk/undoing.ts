/** Undoing what ran and a reviewer wants undone: the agent does it, and says what came of it. */
import type { RequestView } from '@countersign/shared/contracts';
import type { Client } from './client.ts';
import { inShort } from './run-approved.ts';

/**
 * Undoes a call if a reviewer asked for that, and reports `undone`, or `undo_failed` where `undo` throws. For a callback
 * `review.undo_requested`, and for whoever finds `undo_requested` by reading.
 *
 * Callbacks come at least once, and a report may be lost: `undo` has to bear being called again for the same request.
 *
 * @param undo what undoes it; `request.review.undo` names the tool that policy has for that, `request.args` what ran
 * @returns what was reported; undefined where there is nothing to undo, or no longer
 * @throws what the client's calls throw
 */
export async function undoRequested(
  client: Pick<Client, 'get' | 'reportOutcome'>,
  request_id: string,
  undo: (request: RequestView) => unknown,
): Promise<'undone' | 'undo_failed' | undefined> {
  const request = await client.get(request_id);
  if (request.status !== 'undo_requested') return undefined;
  try {
    await undo(request);
  } catch (error) {
    await client.reportOutcome(request_id, { status: 'undo_failed', detail: inShort(error) });
    return 'undo_failed';
  }
  await client.reportOutcome(request_id, { status: 'undone' });
  return 'undone';
}
