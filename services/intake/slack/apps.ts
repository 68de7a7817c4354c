/** The Slack apps of a workspace: what its destinations in use hold. */
import type { DestinationRecord } from '@countersign/shared/directory';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { type SlackAccess, slackApi } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';

/** `id` is the destination's. Without a signing secret nothing that is pressed can be verified by it. */
export type SlackApp = { id: string; signingSecret: string | undefined; access: SlackAccess };

/** All of them, the oldest first: it is the one that people are written to by. */
export async function slackApps(redis: Redis, { destinations }: WorkspaceKeys): Promise<SlackApp[]> {
  const stored = await redis.hvals(destinations);
  return stored
    .map((text) => JSON.parse(text) as DestinationRecord)
    .filter(({ kind, disabled }) => kind === 'slack' && disabled === undefined)
    .sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
    .flatMap(({ id, secret, signing_secret, url }) => {
      if (secret === undefined) return [];
      const signingSecret = signing_secret === '' ? undefined : signing_secret;
      return [{ id, signingSecret, access: { base: slackApi(url), token: secret } }];
    });
}
