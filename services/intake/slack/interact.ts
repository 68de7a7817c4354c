/**
 * What somebody did in Slack, done. The decision takes the same path as one over HTTP, bound to what the message showed,
 * so that every law holds here without being written down again.
 */
import { type JsonObject, type Problem, problem } from '@countersign/shared/contracts';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { Outbound } from '@countersign/shared/outbound';
import { type Button, callSlack } from '@countersign/shared/slack';
import type { Logger } from 'pino';
import { decideRequest } from '../requests/decide.ts';
import type { Caller, Service } from '../requests/service.ts';
import { type SlackApp, slackApps } from './apps.ts';
import { type Home, homeOf, isFrom, isSameSlack, isTheirsIn } from './home.ts';
import { type Interaction, interactionOf } from './interaction.ts';
import { type Reviewer, reviewerOf } from './reviewer.ts';
import { isSigned, type Signed } from './signature.ts';
import {
  noModal,
  reasonModal,
  refusalModal,
  refusalText,
  unknownPerson,
  verdictText,
  whisper,
} from './words.ts';

/** What interactions need of their surroundings. */
export type SlackEnd = { service: Service; out: Outbound; logger: Logger };

/** What Slack is to be answered; `undefined` is an empty 200. */
export type Reply = { body: JsonObject } | { problem: Problem } | undefined;

/** A verified interaction, and the apps whose secret has signed it: that of the destination which the button names. */
export type Verified = {
  interaction: Interaction;
  apps: SlackApp[];
  /** The oldest app of the workspace. */
  oldest: SlackApp | undefined;
  keys: WorkspaceKeys;
  reviewer: Reviewer | undefined;
};

/**
 * Reads and verifies a request. Undefined where no Slack app of the workspace that it names has signed it just now,
 * whatever the reason. The workspace is what the request says it is, and so is the destination; only the destination's
 * own secret makes that true. Buttons of messages from before they named one are verified by any app in use.
 */
export async function verify({ redis, workspaces }: Service, signed: Signed): Promise<Verified | undefined> {
  const interaction = interactionOf(signed.body);
  if (interaction === undefined) return undefined;
  const { workspace, destination } = interaction.button;
  const current = await workspaces.current(workspace);
  if (current === undefined) return undefined;
  const { keys } = current.snapshot;
  // Each is compared, so that the time it takes does not tell which one it was.
  const all = await slackApps(redis, keys);
  const apps = all.filter(({ id, signingSecret }) => {
    const signs = signingSecret !== undefined && isSigned(signed, signingSecret, current.now);
    return signs && (destination === undefined || destination === id);
  });
  if (apps.length === 0) return undefined;
  const [oldest] = all;
  return { interaction, apps, oldest, keys, reviewer: reviewerOf(workspace, current, interaction.user) };
}

/** Does it. Rejects when the store is away; nothing is decided then. */
export async function interact(end: SlackEnd, verified: Verified): Promise<Reply> {
  const { interaction } = verified;
  if (interaction.did === 'nothing') return undefined;
  const pressed = await pressedIn(end, verified);
  if ('code' in pressed) return refuse(end, interaction, pressed);
  const caller = await callerOf(end, verified, pressed.home);
  if (caller !== undefined && 'code' in caller) return refuse(end, interaction, caller);
  const { app } = pressed;
  switch (interaction.did) {
    case 'ask_reason': {
      const text = caller === undefined ? unknownPerson : await askReason(end, app, interaction);
      return tell(end, interaction.responseUrl, text);
    }
    case 'give_reason': {
      const { button, reason } = interaction;
      const text = caller === undefined ? unknownPerson : await decide(end, caller, interaction, reason);
      return text === undefined ? undefined : instead(text, button);
    }
    default: {
      const text = caller === undefined ? unknownPerson : await decide(end, caller, interaction);
      return tell(end, interaction.responseUrl, text);
    }
  }
}

/** The app, by the token of the Slack in which it was pressed. What is from nowhere that is known is not believed. */
async function pressedIn(
  { service: { redis }, out }: SlackEnd,
  { interaction: { origin }, apps, keys }: Verified,
): Promise<{ app: SlackApp; home: Home } | Problem> {
  const homes = await Promise.all(apps.map(({ access }) => homeOf(redis, keys, out, access)));
  for (const [at, app] of apps.entries()) {
    const home = homes[at];
    if (home !== undefined && isFrom(origin, home)) return { app, home };
  }
  return homes.includes(undefined)
    ? unverified
    : problem(
        'slack_elsewhere',
        'It was pressed in another Slack, or another app, than the one that asks. Open the request to decide it.',
      );
}

const unverified = problem(
  'slack_unverified',
  'Slack did not say whose this app is. Press again; where that does not help, an admin has to look at the token of the Slack destination.',
);

/** Who it was: a reviewer whose account is theirs in just this Slack. An app vouches for nobody of another. */
async function callerOf(
  { service: { redis }, out }: SlackEnd,
  { interaction: { origin }, oldest, keys, reviewer }: Verified,
  home: Home,
): Promise<Caller | undefined | Problem> {
  if (reviewer === undefined) return undefined;
  const { caller, team } = reviewer;
  if (team !== undefined) return isTheirsIn(team, origin, home) ? caller : ofAnother;
  const first = oldest === undefined ? undefined : await homeOf(redis, keys, out, oldest.access);
  if (first === undefined) return unverified;
  return isSameSlack(first, home) ? caller : ofAnother;
}

const ofAnother = problem(
  'slack_elsewhere',
  'The account is known here for another Slack than the one it was pressed in. An admin can enter slack_team_id with the person; or open the request to decide it.',
);

/** Tells the person as well: by the answer where that is what they look at, else beside the message. */
function refuse(end: SlackEnd, interaction: Interaction, refused: Problem): Reply {
  const { button, user, origin } = interaction;
  const { workspace, request_id } = button;
  end.logger.warn(
    { workspace, request_id, user, origin, code: refused.code },
    'refused what Slack has signed',
  );
  const text = refusalText(refused);
  if (!('responseUrl' in interaction)) return instead(text, button);
  tell(end, interaction.responseUrl, text);
  return { problem: refused };
}

/** The answer to a form: what to show in its place. */
const instead = (text: string, button: Button): Reply => ({
  body: { response_action: 'update', view: refusalModal(text, button) },
});

/** Gives the verdict; answers with what to tell the person, if anything. A repeat of their own is no second one. */
async function decide(
  { service }: SlackEnd,
  caller: Caller,
  { did, button }: Interaction,
  reason?: string,
): Promise<string | undefined> {
  const done = await decideRequest(service, caller, button.request_id, {
    verdict: did === 'approve' ? 'approve' : 'reject',
    seen: button.seen,
    ...(reason === undefined || reason.trim() === '' ? {} : { reason }),
  });
  return done.ok ? verdictText(done.loaded.record) : refusalText(done.problem);
}

async function askReason(
  { out, logger }: SlackEnd,
  app: SlackApp,
  { trigger, button }: Extract<Interaction, { did: 'ask_reason' }>,
): Promise<string | undefined> {
  const opened = await callSlack(out, app.access, 'views.open', {
    trigger_id: trigger,
    view: reasonModal(button),
  });
  if (opened.kind === 'ok') return undefined;
  const { workspace, request_id } = button;
  const error = opened.kind === 'error' ? opened.error : opened.answer.kind;
  logger.warn({ workspace, request_id, error }, 'Slack did not open the form for a reason');
  return noModal;
}

/** Tells one person something, after Slack has its answer: it waits for no more than three seconds. */
function tell({ out, logger }: SlackEnd, url: string | undefined, text: string | undefined): undefined {
  if (url === undefined || text === undefined) return undefined;
  const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'countersign' };
  void out.post(url, { headers, body: JSON.stringify(whisper(text)) }).then((answer) => {
    const status = answer.kind === 'answered' ? answer.status : 0;
    // The URL is good for five answers: it is a credential, and stays out of the log.
    if (status < 200 || status >= 300)
      logger.warn({ kind: answer.kind, status }, 'Slack did not take an answer');
  });
  return undefined;
}
