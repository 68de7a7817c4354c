import type { RequestView } from '@countersign/shared/contracts';
import { titleOf } from '@countersign/shared/plain';
import type { Row } from '../keep/items.ts';

/** The line that stands for a request in the queue. */
export function rowOf(request: RequestView, language: string): Row {
  const latest = request.questions?.at(-1);
  return {
    id: request.id,
    tier: request.tier,
    ...(request.channels ? { channels: request.channels } : {}),
    agent: request.agent,
    tool: request.tool,
    title: titleOf(request, language),
    created_at: request.created_at,
    expires_at: request.expires_at,
    version: request.version,
    revision: request.revision,
    needed: request.progress.needed,
    given: request.progress.given,
    ...(request.claim ? { claimed_by: request.claim.by } : {}),
    ...(latest ? { question: latest.answer ? 'answered' : 'waits' } : {}),
  };
}
