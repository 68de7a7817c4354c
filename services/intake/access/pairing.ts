/** A one-time code turns into a reviewer's key, so that nobody copies long secrets into a browser. */

import { hashOf } from '@countersign/shared/access';
import {
  type CreatePairCode,
  type Pair,
  type Problem,
  problem,
  type Role,
} from '@countersign/shared/contracts';
import { globalKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { createKey } from './keys.ts';
import { newPairCode, normalPairCode } from './secrets.ts';

/** How long a code waits for its one use, ms. */
export const pairCodeLasts = 10 * 60_000;

/** Wrong codes an address may send in a minute. */
const attempts = 20;

type Waiting = { workspace: string; person: string; roles: Role[] };

/** Makes a code for a person. Only its hash is stored. */
export async function createPairCode(
  redis: Redis,
  workspace: string,
  body: CreatePairCode,
  lastsMs = pairCodeLasts,
): Promise<string> {
  const code = newPairCode();
  const waiting: Waiting = { workspace, person: body.person, roles: body.roles ?? ['reviewer'] };
  await redis.set(globalKeys.pairCode(hashOf(code)), JSON.stringify(waiting), 'PX', lastsMs);
  return code;
}

/** Uses a code up and makes the key. Of two that come at once, one gets it. */
export async function pair(
  redis: Redis,
  body: Pair,
  address: string,
  now: number,
): Promise<(Waiting & { key: string; key_id: string }) | Problem> {
  const failures = globalKeys.pairFailures(address);
  if (Number(await redis.get(failures)) >= attempts) {
    return problem('rate_limited', 'Too many wrong codes from this address. Wait a minute, then try again.');
  }
  const text = await redis.getdel(globalKeys.pairCode(hashOf(normalPairCode(body.code))));
  if (text === null) {
    await redis.multi().incr(failures).expire(failures, 60).exec();
    return problem(
      'pair_code_invalid',
      'This code is wrong, used or expired. Ask for a new one: `countersign pair`.',
    );
  }
  const waiting = JSON.parse(text) as Waiting;
  const actor = { kind: 'person', id: waiting.person } as const;
  const { key, id } = await createKey(
    redis,
    waiting.workspace,
    { roles: waiting.roles, owner: waiting.person },
    actor,
    now,
  );
  return { ...waiting, key, key_id: id };
}
