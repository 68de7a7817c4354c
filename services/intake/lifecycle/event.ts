/** The events of a request carry the same facts about it; this fills them in. */
import type { Actor, EventBody, EventType } from '@countersign/shared/feed';
import { audienceOf, type RequestRecord } from '@countersign/shared/request';

/** An event about a request as it stands after the change. */
export function eventOf(
  request: RequestRecord,
  type: EventType,
  actor: Actor,
  at: number,
  data?: Record<string, unknown>,
): EventBody {
  return {
    type,
    at,
    actor,
    request_id: request.id,
    agent: request.agent,
    tool: request.tool,
    tier: request.terms.tier,
    status: request.status,
    revision: request.revision,
    version: request.version,
    audience: audienceOf(request),
    ...(data === undefined ? {} : { data }),
  };
}

export const person = (id: string): Actor => ({ kind: 'person', id });
export const agent = (id: string): Actor => ({ kind: 'agent', id });
export const timer: Actor = { kind: 'timer', id: 'timer' };
export const policy: Actor = { kind: 'policy', id: 'policy' };
