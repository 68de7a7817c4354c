/** A destination as it is listed: never its secrets or the values of its headers. */
import type { DestinationView } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import { revisionOf } from './change.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * @param failing what the notifier counts of it: `<since ms> <attempts>`, all failed
 * @param held until when it asked to be left alone, ms
 * @param publicKey `whpk_…`, what this installation signs webhooks with
 */
export function destinationView(
  {
    secret: _secret,
    signing_secret: _signing,
    previous_secret: previous,
    headers,
    disabled,
    created_at,
    ...rest
  }: DestinationRecord,
  failing: string | undefined,
  held: number | undefined,
  publicKey: string,
): DestinationView {
  // Whoever knows the address of a Teams workflow may post by it: of that credential, only whose it is.
  const url = rest.kind === 'teams' && rest.url !== undefined ? { url: new URL(rest.url).origin } : {};
  const [since, attempts] = failing?.split(' ').map(Number) ?? [];
  return {
    ...rest,
    revision: revisionOf(rest),
    ...url,
    header_names: Object.keys(headers ?? {}),
    ...(disabled === undefined ? {} : { disabled: { ...disabled, at: iso(disabled.at) } }),
    ...(since === undefined || attempts === undefined ? {} : { failing: { since: iso(since), attempts } }),
    ...(held === undefined ? {} : { held_until: iso(held) }),
    ...(rest.kind === 'webhook' ? { public_key: publicKey } : {}),
    ...(previous === undefined ? {} : { previous_secret_until: iso(previous.until) }),
    created_at: iso(created_at),
  };
}
