/** The calls behind the page of suggestions. Leads only. */
import type {
  AuditEntries,
  JsonObject,
  PolicyDraft,
  RunningPolicy,
  Simulation,
  Suggestions,
} from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isFields, lists } from './guard.ts';
import { callInLines, type Progress } from './lines.ts';
import type { Answer } from './trouble.ts';

/** What an audit found, by request. */
export type Found = { audited: readonly string[]; cleared: readonly string[] };
export type Telling = { signal: AbortSignal; onProgress: (progress: Progress) => void };

const isSuggestions = (value: unknown): value is Suggestions =>
  isFields(value) && lists(value, 'suggestions', 'others');
const isSimulation = (value: unknown): value is Simulation =>
  isFields(value) && lists(value, 'tiers', 'faults', 'changes', 'shadow') && isFields(value.asked);
const isPolicy = (value: unknown): value is RunningPolicy =>
  isFields(value) && lists(value, 'files', 'rules');
const isDraft = (value: unknown): value is PolicyDraft => isFields(value) && lists(value, 'changes', 'files');
const isEntries = (value: unknown): value is AuditEntries => isFields(value) && lists(value, 'items');

/** Where a person should be asked, as far as the log shows. */
export function getSuggestions(
  access: Access,
  body: Found & { from: string },
  telling: Telling,
): Promise<Answer<Suggestions>> {
  return callInLines(
    access,
    { method: 'POST', path: '/v1/insights/suggestions', body },
    telling,
    isSuggestions,
  );
}

/** What these files would have answered. */
export function simulate(
  access: Access,
  body: Found & { from: string; files: PolicyDraft['files'] },
  telling: Telling,
): Promise<Answer<Simulation>> {
  return callInLines(access, { method: 'POST', path: '/v1/policy/simulate', body }, telling, isSimulation);
}

/** The policy that runs. */
export function getPolicy(access: Access): Promise<Answer<RunningPolicy>> {
  return call(access, { method: 'GET', path: '/v1/policy' }, isPolicy);
}

/** What its files would be with these rules. Nothing is written. */
export function draftPolicy(access: Access, rules: string): Promise<Answer<PolicyDraft>> {
  return call(access, { method: 'POST', path: '/v1/policy/draft', body: { rules } }, isDraft);
}

/** What a call asked for, from beside the log; null where it was erased. That it was read is on record. */
export async function getAsked(access: Access, entry: number): Promise<Answer<JsonObject | null>> {
  const path = `/v1/audit/entries?from=${entry}&limit=1`;
  const answer = await call(access, { method: 'GET', path }, isEntries);
  if (!answer.ok) return answer;
  for (const { text } of answer.value.items[0]?.texts ?? []) {
    const args = argsIn(text);
    if (args !== null) return { ok: true, value: args };
  }
  return { ok: true, value: null };
}

function argsIn(text: string): JsonObject | null {
  try {
    const payload: unknown = JSON.parse(text);
    return isFields(payload) && isFields(payload.args) ? (payload.args as JsonObject) : null;
  } catch {
    return null;
  }
}
