/** Standing grants: what calls are alike, which grant may be for a call, the list of them, revoking one. */
import { hash, randomInt } from 'node:crypto';
import { canonicalize } from '@countersign/shared/canonical';
import { type Grant, type JsonObject, type Problem, problem } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import { likeness, type PolicyAnswer } from '@countersign/shared/policy';
import {
  audienceOf,
  type GrantRecord,
  loadRequest,
  mayContribute,
  type RequestRecord,
} from '@countersign/shared/request';
import { freezeSince } from '../lifecycle/freeze.ts';
import type { GrantOffered } from '../lifecycle/grant.ts';
import { Commit } from '../store/commit.ts';
import { grantIds, loadGrants, writeRevoked } from '../store/grants.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import type { Caller, Service } from './service.ts';
import { plainView } from './view.ts';

/** What makes a call like others: who makes it, and what with. `context` only where it counts. */
export type Likeable = Pick<RequestRecord, 'agent' | 'key_id' | 'tool' | 'args_digest'> & {
  args: JsonObject;
  context?: JsonObject;
};

/** Policy's answer, with nothing to grant where the agent itself says that the call can not be taken back. */
export function heeding(answer: PolicyAnswer, preview: { reversible?: unknown } | undefined): PolicyAnswer {
  if (answer.grants === undefined || preview?.reversible !== false) return answer;
  const { grants: _none, ...rest } = answer;
  return rest;
}

/**
 * The same for calls that one grant is for: same agent, key, tool, policy and rules, and the same values where policy
 * says so. undefined where nothing may be granted.
 */
export function matchOf(call: Likeable, { grants, policy_digest, rules }: PolicyAnswer): string | undefined {
  if (grants === undefined) return undefined;
  const alike = grants.per === null ? call.args_digest : likeness(grants.per, call);
  if (alike === undefined) return undefined;
  const named = rules.map(({ name }) => name);
  const { agent, key_id, tool } = call;
  return hash('sha256', canonicalize([agent, key_id, tool, policy_digest, named, alike]), 'hex');
}

/**
 * Grants with calls left that may be for this call; whether one is, the lifecycle decides. Which of its calls is offered
 * is left to chance, so that many can be used at once.
 */
export async function grantsFor(
  { redis }: Pick<Service, 'redis'>,
  { snapshot, now }: Current,
  call: Likeable,
  answer: PolicyAnswer,
): Promise<GrantOffered[]> {
  const match = matchOf(call, answer);
  if (match === undefined) return [];
  const { keys } = snapshot;
  const ids = await grantIds(redis, keys.grantsFor(match), now);
  if (ids.length === 0) return [];
  return (await loadGrants(redis, keys, ids)).flatMap(({ record: grant, free }) => {
    const use = free[randomInt(free.length || 1)];
    return use === undefined ? [] : [{ grant, match, use }];
  });
}

/** Whether this caller may see and revoke a grant: those who may decide the request that it came with, and admins. */
function mayRevoke({ key, current }: Caller, request: RequestRecord): boolean {
  if (key.roles.includes('admin')) return true;
  return mayContribute(request.terms.requirements, key.owner, current.snapshot.groupsOf);
}

/** `GET /v1/grants`: those in force, the one that ends first before the others. */
export async function listGrants({ redis }: Service, caller: Caller): Promise<Grant[]> {
  const { snapshot, now } = caller.current;
  const { keys } = snapshot;
  const grants = await loadGrants(redis, keys, await grantIds(redis, keys.grants, now));
  const listed = await Promise.all(
    grants.map(async ({ record: grant, free }): Promise<Grant[]> => {
      const loaded = await loadRequest(redis, keys, grant.request_id);
      if (loaded === undefined || free.length === 0 || !inForce(grant, caller.current)) return [];
      if (!mayRevoke(caller, loaded.record)) return [];
      const { id, by, per, calls, created_at, expires_at } = grant;
      return [
        {
          id,
          by,
          per,
          calls,
          left: free.length,
          created_at: new Date(created_at).toISOString(),
          expires_at: new Date(expires_at).toISOString(),
          request: plainView(loaded, caller.current),
        },
      ];
    }),
  );
  return listed.flat();
}

/** What has ended with its policy or by a freeze lets nothing through any more, and is not listed. */
function inForce(grant: GrantRecord, current: Current): boolean {
  return (
    grant.policy_digest === current.snapshot.policy.digest &&
    freezeSince(worldOf(current), grant, grant.freeze_epoch) === undefined
  );
}

/** `DELETE /v1/grants/{id}`. Stops the next call; one that is being committed comes before or not at all. */
export async function revokeGrant(
  { redis }: Service,
  caller: Caller,
  id: string,
): Promise<Problem | undefined> {
  const { keys } = caller.current.snapshot;
  const gone = problem('not_found', `There is no grant ${id} in force here.`);
  const [stored] = await loadGrants(redis, keys, [id]);
  if (stored === undefined) return gone;
  const { record: grant } = stored;
  const loaded = await loadRequest(redis, keys, grant.request_id);
  if (loaded === undefined || !mayRevoke(caller, loaded.record)) return gone;
  const commit = new Commit();
  writeRevoked(commit, keys, grant);
  const { agent, tool } = grant;
  const event: EventBody = {
    type: 'grant.revoked',
    at: caller.current.now,
    actor: { kind: 'person', id: caller.key.owner },
    agent,
    tool,
    audience: audienceOf(loaded.record),
    data: { grant: id },
  };
  commit.tell(keys.feed, event);
  commit.write('PUBLISH', keys.wake, '*');
  const { outcome } = await commit.run(redis);
  return outcome === 'ok' ? undefined : gone;
}
