/** Making, listing and revoking API keys. */
import { hashOf } from '@countersign/shared/access';
import type { CreatedKey, CreateKey, KeyView, Problem } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import type { ApiKeyRecord, PersonRecord } from '@countersign/shared/directory';
import type { Actor } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { ulid } from 'ulid';
import { redisTime } from '../store/redis-time.ts';
import { changeHash } from './change.ts';
import { newApiKey, newWebhookSecret } from './secrets.ts';

/**
 * Makes a key. Its owner becomes a person of the workspace if they are not one yet.
 * `text` fixes the key's text: for development keys that survive a restart, whose hash alone is stored here too.
 */
export async function createKey(
  redis: Redis,
  workspace: string,
  body: CreateKey,
  actor: Actor,
  at: number,
  made = newApiKey(workspace),
): Promise<CreatedKey> {
  const keys = workspaceKeys(workspace);
  const callback_secret = body.callback_origin === undefined ? undefined : newWebhookSecret();
  const record: ApiKeyRecord = {
    id: `key_${ulid(at)}`,
    hash: made.hash,
    roles: [...new Set(body.roles)],
    owner: body.owner,
    agents: body.agents ?? [],
    trusted_context: body.trusted_context ?? false,
    ...(body.callback_origin === undefined ? {} : { callback_origin: new URL(body.callback_origin).origin }),
    ...(callback_secret === undefined ? {} : { callback_secret }),
    created_at: at,
  };
  const person: PersonRecord = { id: body.owner, name: body.owner, groups: [] };
  await redis.hsetnx(keys.people, body.owner, JSON.stringify(person));
  await changeHash(redis, workspace, {
    hash: keys.apiKeys,
    fields: { [record.id]: record },
    counter: 'directory',
    event: {
      type: 'key.created',
      actor,
      at,
      data: { key: record.id, owner: record.owner, roles: record.roles },
    },
  });
  return { id: record.id, key: made.text, ...(callback_secret === undefined ? {} : { callback_secret }) };
}

/** A key as it is listed: never its hash or secrets. */
export function keyView(record: ApiKeyRecord): KeyView {
  const { hash: _hash, callback_secret: _secret, created_at, revoked_at, ...rest } = record;
  return {
    ...rest,
    created_at: new Date(created_at).toISOString(),
    ...(revoked_at === undefined ? {} : { revoked_at: new Date(revoked_at).toISOString() }),
  };
}

/** Revokes a key at once, on every process. Revoking it again changes nothing. */
export async function revokeKey(
  redis: Redis,
  workspace: string,
  record: ApiKeyRecord | undefined,
  actor: Actor,
  at: number,
): Promise<Problem | undefined> {
  if (record === undefined) return problem('not_found', 'There is no such key here.');
  if (record.revoked_at !== undefined) return undefined;
  await changeHash(redis, workspace, {
    hash: workspaceKeys(workspace).apiKeys,
    fields: { [record.id]: { ...record, revoked_at: at } },
    counter: 'directory',
    event: { type: 'key.revoked', actor, at, data: { key: record.id, owner: record.owner } },
  });
  return undefined;
}

/** Makes sure that a key with this very text exists, so that an installation can be given its first key. Never makes it twice. */
export async function ensureKey(
  redis: Redis,
  workspace: string,
  text: string,
  body: CreateKey,
): Promise<void> {
  const hash = hashOf(text);
  const stored = await redis.hvals(workspaceKeys(workspace).apiKeys);
  if (stored.some((json) => (JSON.parse(json) as ApiKeyRecord).hash === hash)) return;
  const now = redisTime(await redis.time());
  await createKey(redis, workspace, body, { kind: 'system', id: 'start' }, now, { text, hash });
}
