/** The first keys and people of a development installation, made directly in Redis before anyone can ask over HTTP. */
import type { Role } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { ensureKey } from './access/keys.ts';
import { createPairCode } from './access/pairing.ts';
import { newApiKey } from './access/secrets.ts';
import { connectForCommands } from './store/connect.ts';

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
  const agent = who === 'agent' ? { agents: ['*'], trusted_context: true } : {};
  await ensureKey(redis, workspace, text, { roles: roles[who], owner: developmentPeople[who], ...agent });
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
