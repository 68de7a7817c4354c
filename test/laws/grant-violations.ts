/** The laws of standing grants, derived from the feed and the records alone. */
import { isTerminal } from '@countersign/shared/request';
import type { Committed, Snapshot } from './snapshot.ts';

/** What the feed says of one grant so far. */
type History = { created: Committed; uses: Map<unknown, string>; revoked: boolean; met: boolean };

/** As in feed-violations.ts: how much later than compared an entry may get its time, ms. */
const scriptTakes = 100;

/** Everything that was let through although no grant let it, in words. */
export function grantViolations({ feed, records }: Snapshot): string[] {
  const found: string[] = [];
  const grants = new Map<unknown, History>();
  for (const event of feed) {
    const { type, data = {}, request_id = '' } = event;
    if (type === 'grant.created') {
      grants.set(data.grant, { created: event, uses: new Map(), revoked: false, met: false });
      if (records.get(request_id)?.status !== 'approved')
        found.push(`${request_id} grants and is not approved`);
    }
    if (type === 'freeze.set') for (const grant of grants.values()) grant.met = true;
    const grant = grants.get(data.grant);
    if (type === 'grant.revoked' && grant !== undefined) grant.revoked = true;
    if (type !== 'grant.used') continue;
    const complain = (what: string) => found.push(`${request_id} is let through ${what}`);
    if (grant === undefined) {
      complain('by a grant that nobody gave');
      continue;
    }
    const record = records.get(request_id);
    const first = records.get(grant.created.request_id ?? '');
    if (grant.uses.has(data.use)) complain(`by the same call as ${grant.uses.get(data.use)}`);
    grant.uses.set(data.use, request_id);
    if (grant.uses.size > Number(grant.created.data?.calls)) complain('by more calls than were granted');
    if (grant.revoked) complain('after it was revoked');
    if (grant.met) complain('after a freeze');
    if (event.committed - scriptTakes >= Date.parse(String(grant.created.data?.until)))
      complain('after its end');
    const by = grant.created.actor.id;
    if (by === record?.owner || by === record?.requested_by) complain('by a party to it (law 8)');
    if (record?.agent !== first?.agent || record?.tool !== first?.tool) complain('as the call of another');
    if (record?.key_id !== first?.key_id) complain('under another key');
    if (record?.policy_digests.at(-1) !== first?.policy_digests.at(-1)) complain('under another policy');
  }
  for (const record of records.values()) {
    const { id, grant_used: used, status } = record;
    if (used === undefined) continue;
    if (!isTerminal(status)) found.push(`${id} was let through and is ${status}`);
    if (grants.get(used.id)?.uses.get(used.use) !== id) found.push(`${id} and the feed differ on its grant`);
  }
  return found;
}
