/** The calls behind the page of grants. */
import type { Grants } from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isAnything, isFields, isRequest, lists, numbers, strings } from './guard.ts';
import type { Answer } from './trouble.ts';

/** Standing grants in force that this reviewer may decide about. */
export function getGrants(access: Access): Promise<Answer<Grants>> {
  return call(access, { method: 'GET', path: '/v1/grants' }, isGrants);
}

/** Ends a grant: the next call like it waits for a person again. */
export function revokeGrant(access: Access, id: string): Promise<Answer<unknown>> {
  return call(access, { method: 'DELETE', path: `/v1/grants/${encodeURIComponent(id)}` }, isAnything);
}

function isGrants(value: unknown): value is Grants {
  return (
    isFields(value) &&
    Array.isArray(value.items) &&
    value.items.every(
      (item) =>
        isFields(item) &&
        strings(item, 'id', 'by', 'expires_at') &&
        numbers(item, 'calls', 'left') &&
        (item.per === null || lists(item, 'per')) &&
        isRequest(item.request),
    )
  );
}
