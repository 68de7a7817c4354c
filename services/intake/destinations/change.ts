/** What a destination is made of, and how it is changed. Pure. */
import type { CreateDestination, UpdateDestination } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import { slackDestinationFault } from '../slack/destination.ts';
import { destinationFault } from './fault.ts';

/** How long the secret before the last signs beside the new one, ms: receivers have a day to take the new one. */
export const overlapMs = 24 * 3_600_000;

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

/** The destination with what a body changes; or what is wrong with it then. */
export function changed(
  record: DestinationRecord,
  body: UpdateDestination,
): { record: DestinationRecord } | { fault: string } {
  const { id, kind, disabled, previous_secret, created_at } = record;
  const {
    name = record.name,
    url = record.url,
    secret = record.secret,
    signing_secret = record.signing_secret,
    to = record.to,
    headers = record.headers,
    match = record.match,
  } = body;
  const after = { name, kind, url, secret, signing_secret, to, headers, match };
  const fault = faultOf(after);
  if (fault !== undefined) return { fault };
  return {
    record: {
      ...recordOf(id, after, secret, created_at),
      // A secret that was given in a change takes the place of the others: `rotate` is for an overlap.
      ...(previous_secret === undefined || body.secret !== undefined ? {} : { previous_secret }),
      ...(disabled === undefined || body.disabled === false ? {} : { disabled }),
    },
  };
}
