/** The answer to a proposal, made from the request that is on record for it. */
import type { Proposed } from '@countersign/shared/contracts';
import { type Loaded, type RequestRecord, reviewOf } from '@countersign/shared/request';
import { mayRun } from '../lifecycle/run.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import type { Caller, Service } from './service.ts';
import { tokenFor, viewFor } from './view.ts';

/** The contract's answer for a request on record, in whatever state it is. */
export async function answerFor(
  service: Service,
  caller: Caller,
  loaded: Loaded,
  current: Current,
): Promise<Proposed> {
  const { record } = loaded;
  const { id: request_id, rules, args_digest } = record;
  if (record.review !== undefined && record.stop_reason === undefined) {
    const runnable = mayRun(record, worldOf(current));
    const token = runnable ? { token: await tokenFor(service, record, current) } : {};
    const { until, undo } = reviewOf(record, record.review);
    return { decision: 'allow', request_id, ...token, args_digest, rules, review: { until, undo } };
  }
  if (record.status === 'approved' && (record.decided_by === 'policy' || record.grant_used !== undefined)) {
    const runnable = mayRun(record, worldOf(current));
    const token = runnable ? { token: await tokenFor(service, record, current) } : {};
    const { grant_used: used } = record;
    const grant = used === undefined ? {} : { grant: { id: used.id, by: used.by } };
    return { decision: 'allow', request_id, ...token, args_digest, rules, ...grant };
  }
  if (record.status === 'rejected') return denied(record);
  return { decision: 'approval_required', request: await viewFor(service, caller, loaded, current) };
}

function denied(record: RequestRecord): Proposed {
  const { id: request_id, rules, stop_reason = 'approval_rejected' } = record;
  const reason = record.decision_reason ?? 'A reviewer rejected this call and gave no reason.';
  return {
    decision: 'deny',
    request_id,
    stop_reason,
    reason,
    rules,
    on_rejection: record.terms.on_rejection,
  };
}
