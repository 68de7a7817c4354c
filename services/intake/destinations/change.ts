/** What a destination is made of, and how it is changed. Pure. */
import {
  type CreateDestination,
  type Problem,
  problem,
  type UpdateDestination,
} from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import { slackDestinationFault } from '../slack/destination.ts';
import { destinationFault } from './fault.ts';

/** How long the secret before the last signs beside the new one, ms: receivers have a day to take the new one. */
export const overlapMs = 24 * 3_600_000;

/** `after`: the destination as it is to be, its revision apart; undefined removes it. `data` goes into the feed: no secrets. */
export type DestinationChange = {
  after: DestinationRecord | undefined;
  event: 'changed' | 'deleted' | 'secret_rotated';
  data?: Record<string, unknown>;
  /** Its failures are forgotten. */
  forgiven?: boolean;
  /** So is until when it is to be left alone. */
  released?: boolean;
};

/** Revision of a destination: it grows with every change. Those from before it was counted are at 1. */
export function revisionOf({ revision = 1 }: Pick<DestinationRecord, 'revision'>): number {
  return revision;
}

/** What is wrong with it, in a sentence; undefined when nothing is. */
export function faultOf(body: CreateDestination): string | undefined {
  const { kind, url, secret } = body;
  if (kind === 'slack') return slackDestinationFault(body);
  if (kind !== 'webhook') return destinationFault(body);
  if (url === undefined) return 'url: a webhook destination needs one.';
  if (secret !== undefined && !/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(secret))
    return 'secret: must be whsec_ and 24 to 64 bytes in base64. Leave it out to have one made.';
  return undefined;
}

/** The destination that a body describes. */
export function recordOf(
  id: string,
  { name, kind, url, signing_secret, to, headers, match }: CreateDestination,
  secret: string | undefined,
  created_at: number,
): DestinationRecord {
  return {
    id,
    name,
    kind,
    ...(url === undefined ? {} : { url }),
    ...(secret === undefined ? {} : { secret }),
    ...(signing_secret === undefined ? {} : { signing_secret }),
    ...(to === undefined ? {} : { to }),
    ...(headers === undefined ? {} : { headers }),
    ...(match === undefined ? {} : { match }),
    created_at,
  };
}

/** The destination with what a body changes; or what is wrong with it then, or with having read an older one. */
export function changed(record: DestinationRecord, body: UpdateDestination): DestinationChange | Problem {
  const { revision: read, ...members } = body;
  const { id, kind, disabled, previous_secret, created_at, ...kept } = record;
  const revision = revisionOf(record);
  if (read !== undefined && read !== revision) {
    return problem(
      'destination_changed',
      `${id} is at revision ${revision}, and not at ${read} any more. Read it again, then send what is still to be changed.`,
      { revision },
    );
  }
  const {
    name = record.name,
    url = record.url,
    secret = record.secret,
    signing_secret = record.signing_secret,
    to = record.to,
    headers = record.headers,
    match = record.match,
  } = members;
  const after = { name, kind, url, secret, signing_secret, to, headers, match };
  const fault = faultOf(after);
  if (fault !== undefined) return problem('invalid_request', fault);
  const enabled = members.disabled === false;
  return {
    after: {
      ...kept,
      ...recordOf(id, after, secret, created_at),
      // A secret that was given in a change takes the place of the others: `rotate` is for an overlap.
      ...(previous_secret === undefined || body.secret !== undefined ? {} : { previous_secret }),
      ...(disabled === undefined || enabled ? {} : { disabled }),
    },
    event: 'changed',
    // Which members, and not what they hold: a secret may be among them.
    data: { members: Object.keys(members).sort() },
    forgiven: enabled,
    // It asked to be left alone as it was: what it is now has asked for nothing.
    released: enabled || members.url !== undefined,
  };
}

/** The webhook with a new secret. The one before signs too until `until`, ms; those before that no longer. */
export function rotated(
  record: DestinationRecord,
  secret: string,
  until: number,
): DestinationChange | Problem {
  if (record.kind !== 'webhook' || record.secret === undefined)
    return problem('invalid_request', 'Only a webhook has a secret of ours; change it with PUT.');
  const previous_secret = { secret: record.secret, until };
  return { after: { ...record, secret, previous_secret }, event: 'secret_rotated' };
}
