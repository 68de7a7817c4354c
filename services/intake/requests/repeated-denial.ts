/** B8: a call that a human has just rejected, proposed again unchanged, is denied again at once, without asking anyone twice. */
import { hash } from 'node:crypto';
import { canonicalize } from '@countersign/shared/canonical';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { type Loaded, loadRequest } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

/** How long a rejection is remembered, ms. */
const lasts = 10 * 60_000;

/** Identifies the same call proposed again: its agent and tool, the digest of its args, its context in canonical form. */
export function callDigest(
  { agent, tool }: { agent: string; tool: string },
  argsDigest: string,
  canonicalContext = '',
): string {
  // Names may hold any separator, so they are quoted.
  return hash('sha256', `${JSON.stringify([agent, tool])}\n${argsDigest}\n${canonicalContext}`, 'hex');
}

/** Remembers a rejection. Never rejects: the decision stands, and without its memory a repeat only asks a human again. */
export async function rememberDenial(
  redis: Redis,
  keys: WorkspaceKeys,
  { record, payloads }: Loaded,
): Promise<void> {
  const context = payloads.first?.said?.context;
  const digest = callDigest(
    record,
    record.proposed_digest,
    context === undefined ? undefined : canonicalize(context),
  );
  await redis.set(keys.denied(digest), record.id, 'PX', lasts).catch(() => {});
}

/** The request whose rejection answers this call, if it is still on record; else the memory of it is dropped. */
export async function denialOf(
  redis: Redis,
  keys: WorkspaceKeys,
  digest: string,
): Promise<Loaded | undefined> {
  const id = await redis.get(keys.denied(digest));
  const loaded = id === null ? undefined : await loadRequest(redis, keys, id);
  if (loaded === undefined) await redis.del(keys.denied(digest));
  return loaded;
}
