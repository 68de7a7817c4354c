/** What may interrupt a person: the calls that read and change it. */
import type { Preferences } from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isFields, isTier, lists, strings, tiers } from './guard.ts';
import type { Answer } from './trouble.ts';

/** What may interrupt this person. */
export function getPreferences(access: Access): Promise<Answer<Preferences>> {
  return call(access, { method: 'GET', path: '/v1/preferences' }, isPreferences);
}

export function putPreferences(access: Access, preferences: Preferences): Promise<Answer<Preferences>> {
  return call(access, { method: 'PUT', path: '/v1/preferences', body: preferences }, isPreferences);
}

function isPreferences(value: unknown): value is Preferences {
  return (
    isFields(value) &&
    isFields(value.channels) &&
    lists(value.channels, ...tiers) &&
    (value.opens_from === null || isTier(value.opens_from)) &&
    strings(value, 'time_zone') &&
    lists(value, 'quiet_hours', 'digest_at')
  );
}
