/** Agents that are stopped, and the call that stops one. */
import type { FreezeView, Throttle } from '@countersign/shared/contracts';
import { type Access, call } from '../api/call.ts';
import { isAnything } from '../api/guard.ts';
import type { Answer } from '../api/trouble.ts';

/** Every freeze there was. */
export function getFreezes(access: Access): Promise<Answer<{ items: FreezeView[] }>> {
  return call(access, { method: 'GET', path: '/v1/freeze' }, isFreezes);
}

/** Agents that may ask nobody now. */
export function getThrottles(access: Access): Promise<Answer<{ items: Throttle[] }>> {
  return call(access, { method: 'GET', path: '/v1/throttles' }, isThrottles);
}

/** Stops one agent: what of it waits is cancelled, and it is denied everything until the pause is lifted. */
export function pauseAgent(access: Access, agent: string, reason: string): Promise<Answer<FreezeView>> {
  return call(
    access,
    { method: 'POST', path: '/v1/freeze', body: { scope: 'agent', match: agent, reason } },
    isFreeze,
  );
}

export function liftPause(access: Access, id: string): Promise<Answer<unknown>> {
  return call(access, { method: 'DELETE', path: `/v1/freeze/${encodeURIComponent(id)}` }, isAnything);
}

function isFreeze(value: unknown): value is FreezeView {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'scope' in value &&
    'reason' in value &&
    'set_by' in value
  );
}

function isFreezes(value: unknown): value is { items: FreezeView[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'items' in value &&
    Array.isArray(value.items) &&
    value.items.every(isFreeze)
  );
}

function isThrottles(value: unknown): value is { items: Throttle[] } {
  const isThrottle = (item: unknown): boolean =>
    typeof item === 'object' && item !== null && 'agent' in item && 'words' in item && 'until' in item;
  return (
    typeof value === 'object' &&
    value !== null &&
    'items' in value &&
    Array.isArray(value.items) &&
    value.items.every(isThrottle)
  );
}
