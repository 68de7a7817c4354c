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
import { homeOf, isFrom } from './home.ts';
import { type Interaction, interactionOf } from './interaction.ts';
import { reviewerOf } from './reviewer.ts';
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

/** A verified interaction, and the apps whose secret has signed it: one app, by each token that is in use. */
export type Verified = {
  interaction: Interaction;
  apps: SlackApp[];
  keys: WorkspaceKeys;
  caller: Caller | undefined;
};

/**
 * Reads and verifies a request. Undefined where no Slack app of the workspace that it names has signed it just now,
 * whatever the reason. The workspace is what the request says it is; only the workspace's own secret makes that true.
 */
export async function verify({ redis, workspaces }: Service, signed: Signed): Promise<Verified | undefined> {
  const interaction = interactionOf(signed.body);
  if (interaction === undefined) return undefined;
  const { workspace } = interaction.button;
  const current = await workspaces.current(workspace);
  if (current === undefined) return undefined;
  const { keys } = current.snapshot;
  // Each is compared, so that the time it takes does not tell which one it was.
  const apps = (await slackApps(redis, keys)).filter(({ signingSecret }) => {
    return isSigned(signed, signingSecret, current.now);
  });
  if (apps.length === 0) return undefined;
  return { interaction, apps, keys, caller: reviewerOf(workspace, current, interaction.user) };
}

/** Does it. Rejects when the store is away; nothing is decided then. */
export async function interact(end: SlackEnd, verified: Verified): Promise<Reply> {
  const { interaction, caller } = verified;
  if (interaction.did === 'nothing') return undefined;
  const app = await appOf(end, verified);
  if ('code' in app) return refuse(end, interaction, app);
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
async function appOf(
  { service: { redis }, out }: SlackEnd,
  { interaction: { origin }, apps, keys }: Verified,
): Promise<SlackApp | Problem> {
  const homes = await Promise.all(apps.map(({ access }) => homeOf(redis, keys, out, access)));
  const app = apps.find((_, at) => {
    const home = homes[at];
    return home !== undefined && isFrom(origin, home);
  });
  if (app !== undefined) return app;
  return homes.includes(undefined)
    ? problem(
        'slack_unverified',
        'Slack did not say whose app this is. Press again; where that does not help, an admin has to look at the token of the Slack destination.',
      )
    : problem(
        'slack_elsewhere',
        'It was pressed in another Slack, or another app, than the one that asks. Open the request to decide it.',
      );
}

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
