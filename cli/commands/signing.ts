/**
 * `keys signing`: what tokens are signed with. These keys belong to the installation and not to a workspace, whose
 * admins must not touch each other's: so these commands go to Redis, as who runs the installation may, and no key opens
 * them over HTTP. They work while intake is down.
 */

import type { Redis } from 'ioredis';
import { pino } from 'pino';
import {
  denied,
  type Ring,
  type RingKey,
  rotated,
  signingKey,
  stateOf,
} from '../../services/intake/signing/ring.ts';
import { changeRing, readRing } from '../../services/intake/signing/stored-ring.ts';
import { connectForCommands } from '../../services/intake/store/connect.ts';
import { redisTime } from '../../services/intake/store/redis-time.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { readStarted } from '../start/started-file.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';

export type SigningOptions = { redis?: string; data: string; json?: boolean };

/** Lists the keys and what each is for now. */
export function listSigningKeys(options: SigningOptions, terminal: Terminal): Promise<ExitCode> {
  return withRedis(options, terminal, async (redis) => {
    const [ring, clock] = await Promise.all([readRing(redis), redis.time()]);
    const now = redisTime(clock);
    const keys = ring?.keys.map((key) => view(ring, key, now)) ?? [];
    if (options.json) terminal.out(inertJson({ items: keys }));
    else if (keys.length === 0) terminal.out('No key yet: intake makes the first one when it starts.');
    else for (const { kid, state, since } of keys) terminal.out(`${kid}  ${state.padEnd(9)}  since ${since}`);
    return exitCode.done;
  });
}

/** Has the next key sign as soon as every verifier knows it. */
export function rotateSigningKeys(options: SigningOptions, terminal: Terminal): Promise<ExitCode> {
  return withRedis(options, terminal, async (redis) => {
    const ring = await changeRing(redis, rotated);
    const last = ring.keys.filter(
      ({ signs_from, denied_at }) => signs_from !== undefined && denied_at === undefined,
    );
    const next = last.at(-1);
    if (next?.signs_from === undefined) throw new Error('a rotation named no key');
    const from = new Date(next.signs_from).toISOString();
    terminal.out(`${next.kid} signs from ${from}. Tokens of the one before are good until they expire.`);
    return exitCode.done;
  });
}

/** Takes a key out of use, everywhere and for ever. */
export function denySigningKey(kid: string, options: SigningOptions, terminal: Terminal): Promise<ExitCode> {
  return withRedis(options, terminal, async (redis) => {
    let known = true;
    const ring = await changeRing(redis, (before, fresh, now) => {
      const after = denied(before, kid, fresh, now);
      known = after !== undefined;
      return after ?? before;
    });
    if (!known) {
      terminal.err(`There is no key ${inert(kid)}. See \`countersign keys signing list\`.`);
      return exitCode.refused;
    }
    const now = redisTime(await redis.time());
    terminal.out(`${inert(kid)} is denied: nothing that it signed can be used any more.`);
    terminal.err(
      `${signingKey(ring, now).kid} signs now. Agents get a new token when they read their request again.`,
    );
    return exitCode.done;
  });
}

function view(ring: Ring, key: RingKey, now: number) {
  const state = stateOf(ring, key, now);
  const at =
    key.denied_at ?? (state === 'published' ? key.published_at : (key.signs_from ?? key.published_at));
  const signs = key.signs_from === undefined ? {} : { signs_from: new Date(key.signs_from).toISOString() };
  return { kid: key.kid, state, since: new Date(at).toISOString(), ...signs };
}

async function withRedis(
  options: SigningOptions,
  terminal: Terminal,
  work: (redis: Redis) => Promise<ExitCode>,
): Promise<ExitCode> {
  const url = options.redis ?? terminal.env.REDIS_URL ?? (await readStarted(options.data))?.redis_url;
  if (!url) {
    terminal.err('No Redis is known: pass --redis or set REDIS_URL, or run where `countersign start` does.');
    return exitCode.usage;
  }
  const redis = connectForCommands(url, pino({ level: 'silent' }));
  try {
    await redis.connect();
    return await work(redis);
  } catch (error) {
    // What happened is not known where an answer was lost: each of these commands may be given again.
    terminal.err(
      `Redis does not answer (${inert(error instanceof Error ? error.message : String(error))}). Try again.`,
    );
    return exitCode.unavailable;
  } finally {
    redis.disconnect();
  }
}
