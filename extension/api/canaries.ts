/** Whether canaries are in use here, and a lead's switch. */
import type { CanaryProgramme } from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isFields } from './guard.ts';
import type { Answer } from './trouble.ts';

const path = '/v1/canaries';

export function getCanaries(access: Access): Promise<Answer<CanaryProgramme>> {
  return call(access, { method: 'GET', path }, isProgramme);
}

export function switchCanaries(access: Access, stopped: boolean): Promise<Answer<CanaryProgramme>> {
  return call(access, { method: 'PUT', path, body: { stopped } }, isProgramme);
}

function isProgramme(value: unknown): value is CanaryProgramme {
  return (
    isFields(value) &&
    (value.announced === null || typeof value.announced === 'string') &&
    typeof value.running === 'boolean' &&
    (value.rate === undefined || typeof value.rate === 'number') &&
    (value.stopped === undefined || (isFields(value.stopped) && typeof value.stopped.by === 'string'))
  );
}
