/**
 * Whose an app is: the one Slack workspace, or organization, that its token belongs to. Its signature says that Slack
 * sent something for the app; an app that is installed elsewhere as well signs what is pressed there just the same.
 */
import { createHash } from 'node:crypto';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { Outbound } from '@countersign/shared/outbound';
import { callSlack, type SlackAccess } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** Where something was pressed, as Slack says: https://docs.slack.dev/reference/interaction-payloads */
export type Origin = { team: string | undefined; enterprise: string | undefined; app: string | undefined };

/** `enterprise`: installed for all teams of an organization, and not for `team` alone. `app`: where Slack names it. */
export type Home = { team: string; enterprise?: string; app?: string };

/** What `auth.test` says of a bot token: https://docs.slack.dev/reference/methods/auth.test */
const Said = z.object({
  team_id: z.string().min(1),
  enterprise_id: z.string().min(1).nullish(),
  is_enterprise_install: z.boolean().nullish(),
  app_id: z.string().min(1).nullish(),
});

/** For so long it is not asked again, ms: a team that joins an organization can get another id. */
const knownMs = 86_400_000;
/** Slack waits three seconds for our answer to what was pressed: whose the token is has to be known sooner, ms. */
const patience = 2_000;

/** Whether this is where the app belongs. What the origin does not say counts against it. */
export function isFrom({ team, enterprise, app }: Origin, home: Home): boolean {
  if (home.app !== undefined && app !== home.app) return false;
  return home.enterprise === undefined ? team === home.team : enterprise === home.enterprise;
}

/**
 * Whether a member id that somebody has is theirs where it was pressed. Ids are given by each Slack: what one says of a
 * member is nothing that it could say of another's.
 *
 * @param origin verified to be of `home`
 * @param team where the id is theirs: a team, or an organization
 */
export function isTheirsIn(team: string, origin: Origin, home: Home): boolean {
  return team === (home.enterprise === undefined ? home.team : origin.team) || team === home.enterprise;
}

/** Whether two apps belong to one Slack. */
export function isSameSlack(a: Home, b: Home): boolean {
  return a.enterprise === undefined
    ? b.enterprise === undefined && a.team === b.team
    : a.enterprise === b.enterprise;
}

/** Reads what Slack has said, or undefined where that leaves open whose the token is. */
export function homeSaid(body: Record<string, unknown>): Home | undefined {
  const shaped = Said.safeParse(body);
  if (!shaped.success) return undefined;
  const { team_id: team, enterprise_id, is_enterprise_install, app_id } = shaped.data;
  const wide = is_enterprise_install === true;
  if (wide && !enterprise_id) return undefined;
  return {
    team,
    ...(wide && enterprise_id ? { enterprise: enterprise_id } : {}),
    ...(app_id ? { app: app_id } : {}),
  };
}

/**
 * Whose the token is: as Slack said within a day, or says now. Undefined where Slack does not say. Kept under the
 * token's digest, so that another token is asked about anew.
 */
export async function homeOf(
  redis: Redis,
  keys: WorkspaceKeys,
  out: Outbound,
  access: SlackAccess,
): Promise<Home | undefined> {
  const digest = createHash('sha256').update(`${access.base}\n${access.token}`).digest('hex');
  const key = keys.slackHome(digest);
  const known = await redis.get(key);
  if (known !== null) return JSON.parse(known) as Home;
  const signal = AbortSignal.timeout(patience);
  const said = await callSlack(out, access, 'auth.test', {}, { signal });
  const home = said.kind === 'ok' ? homeSaid(said.body) : undefined;
  if (home !== undefined) await redis.set(key, JSON.stringify(home), 'PX', knownMs);
  return home;
}
