/** The first keys and people of a development installation, made directly in Redis before anyone can ask over HTTP. */
import type { Role } from '@countersign/shared/contracts';
import type { ApiKeyRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { createKey } from './access/keys.ts';
import { createPairCode } from './access/pairing.ts';
import { hashOf, newApiKey } from './access/secrets.ts';
import { connectForCommands } from './store/connect.ts';
import { redisTime } from './workspace/workspaces.ts';

export type DevelopmentKeys = Record<'agent' | 'reviewer' | 'lead' | 'admin', string>;

/** Four keys of four people. The lead is a reviewer too, so that a quorum of two can be tried. */
export const developmentPeople = { agent: 'dev', reviewer: 'ann', lead: 'bo', admin: 'cy' } as const;

const roles: Record<keyof DevelopmentKeys, Role[]> = {
  agent: ['agent'],
  reviewer: ['reviewer'],
  lead: ['lead', 'reviewer'],
  admin: ['admin', 'auditor'],
};

async function ensure(
  redis: Redis,
  workspace: string,
  who: keyof DevelopmentKeys,
  text: string,
): Promise<void> {
  const keys = workspaceKeys(workspace);
  const hash = hashOf(text);
  const stored = (await redis.hvals(keys.apiKeys)).map((json) => JSON.parse(json) as ApiKeyRecord);
  if (stored.some((key) => key.hash === hash)) return;
  const now = redisTime(await redis.time());
  const agent = who === 'agent' ? { agents: ['*'], trusted_context: true } : {};
  const body = { roles: roles[who], owner: developmentPeople[who], ...agent };
  await createKey(redis, workspace, body, { kind: 'system', id: 'start' }, now, { text, hash });
}

/**
 * Makes sure that the development keys exist, the same ones as before where `known` has them, and makes a
 * pairing code for the reviewer. Call it after intake has started, which creates the workspace.
 */
export async function prepareDevelopment(
  options: { redisUrl: string; known?: Partial<DevelopmentKeys>; logger: Logger },
  workspace = 'default',
): Promise<{ keys: DevelopmentKeys; people: typeof developmentPeople; pairCode: string }> {
  const redis = connectForCommands(options.redisUrl, options.logger);
  await redis.connect();
  try {
    const text = (who: keyof DevelopmentKeys): string => options.known?.[who] ?? newApiKey(workspace).text;
    const keys = {
      agent: text('agent'),
      reviewer: text('reviewer'),
      lead: text('lead'),
      admin: text('admin'),
    };
    for (const who of ['agent', 'reviewer', 'lead', 'admin'] as const)
      await ensure(redis, workspace, who, keys[who]);
    const pairCode = await createPairCode(
      redis,
      workspace,
      { person: developmentPeople.reviewer },
      24 * 3_600_000,
    );
    return { keys, people: developmentPeople, pairCode };
  } finally {
    redis.disconnect();
  }
}
