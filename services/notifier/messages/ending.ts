/** What became of a request, in words. */
import type { RequestView } from '@countersign/shared/contracts';

export type Ending = {
  text: string;
  tone: 'good' | 'bad' | 'calm';
  /** A person's or policy's own words. */
  reason?: string;
  /** What followed from it. */
  notes: string[];
};

const outcomes = {
  succeeded: 'The tool ran, and succeeded.',
  failed: 'The tool ran, and failed.',
  unknown: 'Whether the tool ran is unknown.',
  undone: 'It was undone.',
  undo_failed: 'Undoing it failed.',
} as const;

function endOf(request: RequestView): Pick<Ending, 'text' | 'tone'> {
  const { status, decided_by, decision, revoked, stop_reason, superseded_by, grant_used } = request;
  const by = decided_by === undefined ? '' : ` by ${decided_by.split(',').join(', ')}`;
  if (revoked !== undefined) return { text: `Approval taken back by ${revoked.by}`, tone: 'bad' };
  switch (status) {
    case 'approved':
      if (grant_used !== undefined)
        return { text: `Approved by a standing grant of ${grant_used.by}`, tone: 'good' };
      return { text: `${decision?.edited === true ? 'Edited and approved' : 'Approved'}${by}`, tone: 'good' };
    case 'rejected':
      return { text: `Rejected${by}`, tone: 'bad' };
    case 'timed_out':
      return { text: 'Nobody decided in time: it counts as rejected', tone: 'bad' };
    case 'cancelled':
      if (stop_reason === 'frozen') return { text: 'Stopped by a freeze', tone: 'calm' };
      if (superseded_by !== undefined) return { text: 'Replaced by a newer request', tone: 'calm' };
      return { text: 'Withdrawn', tone: 'calm' };
    case 'reviewed':
      return { text: `Ran, and looked fine to ${request.review?.by ?? 'its reviewer'}`, tone: 'good' };
    case 'unreviewed':
      return { text: 'Ran, and nobody looked at it in time', tone: 'bad' };
    case 'undo_requested':
      return {
        text: `It ran, and ${request.review?.by ?? 'a reviewer'} wants it undone. The agent has not said that it is`,
        tone: 'bad',
      };
    case 'undone':
      return { text: `Undone, as ${request.review?.by ?? 'its reviewer'} asked`, tone: 'calm' };
    case 'undo_failed':
      return { text: 'It could not be undone', tone: 'bad' };
    case 'running':
      return { text: 'Runs, to be reviewed afterwards', tone: 'calm' };
    case 'pending':
      return { text: 'It waits', tone: 'calm' };
  }
}

/** How a request ended, and what came after. */
export function endingOf(request: RequestView): Ending {
  const { decision, revoked, outcome, on_rejection, status, review } = request;
  const reason = revoked === undefined ? (review?.reason ?? decision?.reason) : revoked.reason;
  const told =
    (status === 'approved' || review !== undefined) && revoked === undefined
      ? []
      : [
          on_rejection === 'fail'
            ? 'The agent was told to stop.'
            : 'The agent was told, and goes on without it.',
        ];
  return {
    ...endOf(request),
    ...(reason ? { reason } : {}),
    notes: outcome === undefined ? told : [outcomes[outcome.status]],
  };
}
