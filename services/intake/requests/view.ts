/** What a caller is shown of a request: the view, and for its own agent the token and the opaque resume value. */
import type { Json, RequestView } from '@countersign/shared/contracts';
import { type AgentMade, type Loaded, type RequestRecord, viewOf } from '@countersign/shared/request';
import { mintToken, type TokenClaims } from '@countersign/shared/token';
import { revealTo } from '../canaries/reveal.ts';
import { freezeInForce } from '../lifecycle/freeze.ts';
import { mayRun } from '../lifecycle/run.ts';
import { newUlid } from '../random.ts';
import { signingKey } from '../signing/ring.ts';
import { transact } from '../store/transact.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import { type Caller, maySpeakFor, type Service } from './service.ts';

/** How long a token lives at most, in seconds. A new one is minted at every read. */
const tokenLifetime = 300;

/** The audience that tokens of a workspace are meant for. */
export function audienceOfTokens(workspace: string): string {
  return `countersign:${workspace}`;
}

/** Who answers for its run: those who approved it, or who granted it. Nobody where policy allowed it. */
function approversOf({ verdicts, grant_used }: RequestRecord): string[] {
  if (grant_used !== undefined) return [grant_used.by];
  return verdicts.filter((v) => v.verdict === 'approve').map((v) => v.reviewer);
}

function effectOf({ review }: RequestRecord, approvers: string[]): TokenClaims['effect'] {
  if (review !== undefined) return 'review_after';
  return approvers.length === 0 ? 'allow' : 'approval_required';
}

/** Signs a token for exactly the current args of an approved request. Takes none that was planted (law 10). */
export async function tokenFor(
  { issuer }: Service,
  record: AgentMade,
  { now, snapshot }: Current,
): Promise<string> {
  const iat = Math.floor(now / 1000);
  const validUntil = Math.floor((record.valid_until ?? now) / 1000);
  const approvers = approversOf(record);
  const claims: TokenClaims = {
    iss: issuer,
    aud: audienceOfTokens(record.workspace),
    sub: record.agent,
    jti: newUlid(now),
    iat,
    exp: Math.max(iat + 1, Math.min(iat + tokenLifetime, validUntil)),
    request_id: record.id,
    workspace: record.workspace,
    tool: record.tool,
    args_digest: record.args_digest as TokenClaims['args_digest'],
    policy_digest: record.policy_digests.at(-1) ?? '',
    effect: effectOf(record, approvers),
    approvers,
  };
  return mintToken(signingKey(snapshot.ring, now), claims);
}

/** The request as everyone who may read it sees it. */
export function plainView({ record, payloads }: Loaded, { snapshot }: Current): RequestView {
  return viewOf(record, payloads, snapshot.groupsOf);
}

/** The request as this reviewer sees it: where it was a test that they answered, that it was. */
export async function viewForReviewer(
  service: Service,
  caller: Caller,
  loaded: Loaded,
  current: Current,
): Promise<RequestView> {
  const view = plainView(loaded, current);
  const canary = await revealTo(service, caller, loaded);
  if (canary !== undefined) view.canary = canary;
  return view;
}

/** The request as this caller sees it. Its own agent gets a token while it is approved and unconsumed. */
export async function viewFor(
  service: Service,
  caller: Caller,
  loaded: Loaded,
  current: Current,
): Promise<RequestView> {
  const view = await viewForReviewer(service, caller, loaded, current);
  if (!maySpeakFor(caller.key, loaded.record.agent)) return view;
  const resume = loaded.payloads.first?.said?.resume as Json | undefined;
  if (resume !== undefined) view.resume = resume;
  const token = await issueToken(service, caller, loaded, current);
  if (token !== undefined) view.token = token;
  // Approved, and yet it may not run now: the agent is told why there is no token.
  else if (frozenNow(loaded, current)) view.stop_reason = 'frozen';
  return view;
}

function frozenNow({ record }: Loaded, current: Current): boolean {
  const { status } = record;
  const waits =
    (status === 'approved' || status === 'running') &&
    record.consumed === undefined &&
    record.revoked === undefined;
  return waits && freezeInForce(worldOf(current), record) !== undefined;
}

/** A token for the owning agent, or none when the request may not run. Its first issue is on record before it leaves. */
async function issueToken(
  service: Service,
  caller: Caller,
  loaded: Loaded,
  current: Current,
): Promise<string | undefined> {
  const { record } = loaded;
  if (!mayRun(record, worldOf(current))) return undefined;
  if (record.token_issued_at !== undefined) return tokenFor(service, record, current);
  const issued = await transact(service, caller.workspace, record.id, () => ({
    command: { kind: 'issue', agent: record.agent },
  }));
  if (!issued.ok) return undefined;
  const { record: now } = issued.loaded;
  return mayRun(now, worldOf(issued.current)) ? tokenFor(service, now, issued.current) : undefined;
}
