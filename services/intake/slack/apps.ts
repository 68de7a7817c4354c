/** The Slack apps of a workspace: what its destinations in use hold. */
import type { DestinationRecord } from '@countersign/shared/directory';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { type SlackAccess, slackApi } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';

export type SlackApp = { signingSecret: string; access: SlackAccess };

/** Those whose presses can be verified. */
export async function slackApps(redis: Redis, { destinations }: WorkspaceKeys): Promise<SlackApp[]> {
  const stored = await redis.hvals(destinations);
  return stored.flatMap((text) => {
    const { kind, disabled, secret, signing_secret, url } = JSON.parse(text) as DestinationRecord;
    if (kind !== 'slack' || disabled !== undefined) return [];
    if (secret === undefined || signing_secret === undefined || signing_secret === '') return [];
    return [{ signingSecret: signing_secret, access: { base: slackApi(url), token: secret } }];
  });
}
