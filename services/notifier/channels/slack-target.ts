/** Where a delivery to Slack goes: a destination's conversations, or one person's direct messages. */
import type { PersonRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { slackApi } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';
import { type AnyAddress, type Found, personOf } from './channel.ts';
import { findDestination, incomplete, type StoredDestination } from './destination.ts';

export type SlackTarget = {
  base: string;
  token: string;
  /** Without it nothing that is pressed can be verified, and messages have no buttons that decide. */
  signingSecret: string | undefined;
  /** Id of the destination that the app is of. */
  app: string;
  /** Ids of conversations, or of one person. */
  conversations: string[];
  /** Tells messages of several destinations in one conversation apart. */
  reference: string;
  /** The destination as Redis holds it, to change it only if nobody else has. */
  stored: string;
};

const targetOf = (
  { destination: { id, url, secret, signing_secret }, stored }: StoredDestination,
  conversations: string[] = [],
  reference: string,
): Found<SlackTarget> =>
  secret === undefined || conversations.length === 0
    ? incomplete
    : {
        found: true,
        target: {
          base: slackApi(url),
          token: secret,
          signingSecret: signing_secret,
          app: id,
          conversations,
          reference,
          stored,
        },
      };

/** Finds it, with the token as it is now. */
export async function findSlack(redis: Redis, address: AnyAddress): Promise<Found<SlackTarget>> {
  const { workspace, id } = address;
  const person = personOf(id);
  if (person !== undefined) return findPerson(redis, workspace, person, id);
  const found = await findDestination(redis, address);
  return found.found ? targetOf(found.target, found.target.destination.to, id) : found;
}

/** A person is written to by the app of the workspace: that of its oldest destination in use. */
async function findPerson(
  redis: Redis,
  workspace: string,
  person: string,
  id: string,
): Promise<Found<SlackTarget>> {
  const keys = workspaceKeys(workspace);
  const [known, all] = await Promise.all([redis.hget(keys.people, person), redis.hvals(keys.destinations)]);
  const user = known === null ? undefined : (JSON.parse(known) as PersonRecord).slack_user_id;
  if (user === undefined) return { found: false, why: 'no_slack_user', quiet: true };
  const [app] = all
    .map((stored): StoredDestination => ({ stored, destination: JSON.parse(stored) }))
    .filter(({ destination: { kind, disabled, secret } }) => {
      return kind === 'slack' && disabled === undefined && secret !== undefined;
    })
    .sort(({ destination: a }, { destination: b }) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
  return app === undefined ? { found: false, why: 'no_slack_app', quiet: true } : targetOf(app, [user], id);
}
