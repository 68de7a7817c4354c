import { type Problem, problem, type Role } from '../contracts/index.ts';
import type { ApiKeyRecord } from '../directory/index.ts';

/** Refuses a key that has none of these roles. No roles: any key will do. */
export function lacksRole(key: Pick<ApiKeyRecord, 'roles'>, roles: readonly Role[]): Problem | undefined {
  if (roles.length === 0 || roles.some((role) => key.roles.includes(role))) return undefined;
  return problem(
    'forbidden',
    `This call is for ${roles.join(' or ')}; this key is for ${key.roles.join(', ')}.`,
  );
}
