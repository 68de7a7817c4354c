/**
 * What somebody did in Slack, done. The decision takes the same path as one over HTTP, bound to what the message showed,
 * so that every law holds here without being written down again.
 */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Outbound } from '@countersign/shared/outbound';
import { callSlack } from '@countersign/shared/slack';
import type { Logger } from 'pino';
import { decideRequest } from '../requests/decide.ts';
import type { Caller, Service } from '../requests/service.ts';
import { type SlackApp, slackApps } from './apps.ts';
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
export type Reply = JsonObject | undefined;

/** A verified interaction, and the app that it came from. */
export type Verified = { interaction: Interaction; app: SlackApp; caller: Caller | undefined };

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
  const apps = await slackApps(redis, current.snapshot.keys);
  // Each is compared, so that the time it takes does not tell which one it was.
  const [app] = apps.filter(({ signingSecret }) => isSigned(signed, signingSecret, current.now));
  if (app === undefined) return undefined;
  return { interaction, app, caller: reviewerOf(workspace, current, interaction.user) };
}

/** Does it. Rejects when the store is away; nothing is decided then. */
export async function interact(end: SlackEnd, verified: Verified): Promise<Reply> {
  const { interaction, caller } = verified;
  switch (interaction.did) {
    case 'nothing':
      return undefined;
    case 'ask_reason': {
      const text = caller === undefined ? unknownPerson : await askReason(end, verified, interaction);
      return tell(end, interaction.responseUrl, text);
    }
    case 'give_reason': {
      const { button, reason } = interaction;
      const text = caller === undefined ? unknownPerson : await decide(end, caller, interaction, reason);
      return text === undefined ? undefined : { response_action: 'update', view: refusalModal(text, button) };
    }
    default: {
      const text = caller === undefined ? unknownPerson : await decide(end, caller, interaction);
      return tell(end, interaction.responseUrl, text);
    }
  }
}

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
  { app }: Verified,
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
