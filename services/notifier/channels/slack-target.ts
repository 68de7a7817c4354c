/** Where a delivery to Slack goes: a destination's conversations, or one person's direct messages. */
import type { DestinationRecord, PersonRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { slackApi } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';
import { type Address, type Found, personOf } from './channel.ts';

export type SlackTarget = {
  base: string;
  token: string;
  /** Without it nothing that is pressed can be verified, and messages have no buttons that decide. */
  signingSecret: string | undefined;
  /** Ids of conversations, or of one person. */
  conversations: string[];
  /** Tells messages of several destinations in one conversation apart. */
  reference: string;
  /** The destination as Redis holds it, to change it only if nobody else has. */
  stored: string;
};

type Parts = Pick<DestinationRecord, 'url' | 'secret' | 'signing_secret'>;

function targetOf(
  { url, secret, signing_secret }: Parts,
  conversations: string[] | undefined,
  reference: string,
  stored: string,
): SlackTarget | undefined {
  if (secret === undefined || conversations === undefined || conversations.length === 0) return undefined;
  return {
    base: slackApi(url),
    token: secret,
    signingSecret: signing_secret,
    conversations,
    reference,
    stored,
  };
}

/** Finds it, with the token as it is now. */
export async function findSlack(redis: Redis, { workspace, id }: Address): Promise<Found<SlackTarget>> {
  const keys = workspaceKeys(workspace);
  const person = personOf(id);
  if (person !== undefined) return findPerson(redis, keys, person, id);
  const stored = await redis.hget(keys.destinations, id);
  if (stored === null) return { found: false, why: 'destination_deleted', quiet: true };
  const destination = JSON.parse(stored) as DestinationRecord;
  if (destination.disabled !== undefined) return { found: false, why: 'destination_disabled', quiet: false };
  const target = targetOf(destination, destination.to, id, stored);
  return target === undefined
    ? { found: false, why: 'destination_incomplete', quiet: false }
    : { found: true, target };
}

/** A person is written to by the app of the workspace: that of its oldest destination in use. */
async function findPerson(
  redis: Redis,
  keys: ReturnType<typeof workspaceKeys>,
  person: string,
  id: string,
): Promise<Found<SlackTarget>> {
  const [known, all] = await Promise.all([redis.hget(keys.people, person), redis.hvals(keys.destinations)]);
  const user = known === null ? undefined : (JSON.parse(known) as PersonRecord).slack_user_id;
  if (user === undefined) return { found: false, why: 'no_slack_user', quiet: true };
  const apps = all
    .map((stored) => ({ stored, destination: JSON.parse(stored) as DestinationRecord }))
    .filter(({ destination: { kind, disabled, secret } }) => {
      return kind === 'slack' && disabled === undefined && secret !== undefined;
    })
    .sort(({ destination: a }, { destination: b }) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
  const [app] = apps;
  const target = app && targetOf(app.destination, [user], id, app.stored);
  return target === undefined ? { found: false, why: 'no_slack_app', quiet: true } : { found: true, target };
}
