import type { RequestView } from '@countersign/shared/contracts';
import { type Segment, titleOf } from '@countersign/shared/plain';

/** A request as a line of the history: what a person needs to find it again, and no more of its arguments. */
export type Found = {
  id: string;
  tier: RequestView['tier'];
  status: RequestView['status'];
  edited: boolean;
  agent: string;
  tool: string;
  title: Segment[];
  /** Ids of those who decided; `policy` where nobody was asked. */
  by: string[];
  created_at: string;
};

/** The line that stands for a request. */
export function foundOf(request: RequestView, language: string): Found {
  const by = request.decided_by ?? '';
  return {
    id: request.id,
    tier: request.tier,
    status: request.status,
    edited: request.decision?.edited === true,
    agent: request.agent,
    tool: request.tool,
    title: titleOf(request, language),
    by: by.split(',').flatMap((who) => who.trim() || []),
    created_at: request.created_at,
  };
}
