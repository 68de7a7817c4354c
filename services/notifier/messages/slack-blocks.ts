/**
 * A request as a message in Slack, as it stands now. Pure. What others wrote is plain text, which Slack does not
 * interpret; the only markup is our own. Limits: https://docs.slack.dev/reference/block-kit/blocks
 */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { maskOf, spanText } from '@countersign/shared/plain';
import { actions, buttonValue, escapeText } from '@countersign/shared/slack';
import type { Notice } from '../channels/channel.ts';
import { factsOf, isWaiting, oneLine, sentenceOf } from './short-words.ts';
import { quoted, type Shown, shownLines, valueLines } from './slack-text.ts';
import { proseLines, standingOf, whyLines } from './slack-words.ts';

export type SlackMessage = { text: string; blocks: JsonObject[] };

/** Longest plain text of a header, of a confirmation, and of what is whole for certain: `onOneLine` cuts at 2,000. */
const longest = { sentence: 600, header: 150, confirmation: 300, fallback: 1_000, whole: 1_900 };

/**
 * The message that shows a request. It has buttons that decide only where it shows all that a reviewer must see, in
 * full and exactly (law 6), and where what is pressed can be verified.
 *
 * @param app id of the destination by whose app intake verifies what is pressed; absent where it can not
 * @param now ms
 */
export function slackMessage({ request, link }: Notice, app: string | undefined, now: number): SlackMessage {
  return isWaiting(request, now) && request.release_at === undefined
    ? asking(request, link, app, now)
    : settled(request, link);
}

/** What is added to the message's thread when a reminder is due: a message that changes rings nobody. */
export function reminder(request: RequestView, now: number): string {
  return escapeText(
    `Still waits for a decision: ${sentenceOf(request, longest.sentence)} (${timeLeft(request, now)})`,
  );
}

function timeLeft({ expires_at }: RequestView, now: number): string {
  return expires_at === null ? 'no deadline' : `${spanText(Date.parse(expires_at) - now)} left`;
}

function asking(
  request: RequestView,
  link: string | undefined,
  app: string | undefined,
  now: number,
): SlackMessage {
  const { tier, agent, tool } = request;
  const mask = maskOf(request);
  const leftOut: string[] = [];
  /** Whatever a reviewer must see passes here, so that nothing is cut in silence. */
  const exactly = (what: string, { text, exact }: Shown): string => {
    if (!exact) leftOut.push(what);
    return text;
  };
  const lines = (what: string, raw: readonly string[]): JsonObject[] =>
    raw.length === 0 ? [] : [plain(exactly(what, shownLines(raw)))];

  const names = [`${tier.toUpperCase()} · ${agent} · ${tool}`];
  const args = valueLines(request.args, mask);
  const facts = factsOf(request, Number.POSITIVE_INFINITY).join(' ');
  const said = agentLines(request);
  const shown = [
    ...sentenceBlocks(request, exactly),
    context([exactly('the exact names of agent and tool', shownLines(names))], deadline(request)),
    ...lines('all of its warnings', request.warnings.flatMap(proseLines)),
    ...lines('all of why it is asked', whyLines(request, mask)),
    label('Arguments that would run'),
    ...lines('arguments that can not be shown exactly', args.length === 0 ? ['none'] : args),
    facts === ''
      ? context(['Policy does not say whether it can be undone.'])
      : context([exactly('all that policy knows of the tool', shownLines([facts], longest.whole))]),
    ...(said.length === 0 ? [] : [label(`What ${oneLine(agent, 80)} says`)]),
    ...lines('words of the agent that can not be shown exactly', said),
  ];
  leftOut.push(...notShown(request));
  const decidable = app !== undefined && leftOut.length === 0;

  const standing = [
    `${request.progress.given} of ${request.progress.needed} approvals`,
    ...(request.claim === undefined ? [] : [`${oneLine(request.claim.by, 80)} is on it`]),
  ];
  const blocks = [
    ...shown,
    context([standing.join(' · ')]),
    ...(decidable ? [] : [context([openInstead(leftOut, link)])]),
    ...actionsOf(request, link, decidable, app),
  ];
  const text = `[${tier}] ${sentenceOf(request, longest.sentence)}: ${oneLine(agent, 80)} waits, ${timeLeft(request, now)}`;
  return { text: escapeText(oneLine(text, longest.fallback)), blocks };
}

/** What a reviewer must see and this message does not have, or not exactly. */
function notShown(request: RequestView): string[] {
  const { args, context: told, transcript, links, questions, friction } = request;
  const mask = maskOf(request);
  const missing: string[] = [];
  if (valueLines(args, mask).join() !== valueLines(args, () => false).join()) missing.push('covered values');
  if (told !== undefined && valueLines(told, mask).join() !== valueLines(told, () => false).join())
    missing.push('covered values of the context');
  if (friction.kind !== 'none') missing.push('values to be confirmed');
  if (request.proposed_args !== undefined) missing.push('what an edit has changed');
  if (transcript !== undefined) missing.push('the transcript');
  if (links !== undefined && links.length > 0) missing.push('links');
  if (questions !== undefined && questions.length > 0) missing.push('questions to the agent');
  if (request.erased === true) missing.push('what was erased');
  return missing;
}

/** Reason, preview and context, each line behind a bar or as `path: JSON`. */
function agentLines(request: RequestView): string[] {
  const { reason, preview = {}, context: told = {}, context_trusted } = request;
  const mask = maskOf(request);
  const context = valueLines(told, mask);
  return [
    ...(reason === undefined || reason === '' ? [] : quoted(reason)),
    ...valueLines(preview as JsonObject, mask),
    ...(Object.keys(told).length === 0
      ? []
      : [context_trusted ? 'Context, from a trusted key:' : 'Context, not trusted:', ...context]),
  ];
}

function openInstead(leftOut: string[], link: string | undefined): string {
  const where = link === undefined ? 'Decide it in the extension.' : 'Open it to decide.';
  return leftOut.length === 0 ? where : `Not shown here: ${leftOut.join(', ')}. ${where}`;
}

function settled(request: RequestView, link: string | undefined): SlackMessage {
  const { said, reason, changes, moment } = standingOf(request);
  const details = [...(reason === undefined ? [] : quoted(reason)), ...changes];
  return {
    text: escapeText(oneLine(`${said}: ${sentenceOf(request, longest.sentence)}`, longest.fallback)),
    blocks: [
      header(sentenceOf(request, longest.sentence)),
      plain(said),
      ...(details.length === 0 ? [] : [plain(shownLines(details).text)]),
      context(
        [`${request.tier.toUpperCase()} · ${oneLine(request.agent, 200)} · ${oneLine(request.tool, 200)}`],
        date(moment.before, moment.at),
      ),
      ...actionsOf(request, link, false, undefined),
    ],
  };
}

function actionsOf(
  request: RequestView,
  link: string | undefined,
  decidable: boolean,
  app: string | undefined,
): JsonObject[] {
  const value = buttonValue({
    workspace: request.workspace,
    destination: app,
    request_id: request.id,
    seen: { version: request.version, args_digest: request.args_digest },
  });
  const button = (action_id: string, text: string, more: JsonObject = {}): JsonObject => ({
    type: 'button',
    action_id,
    text: { type: 'plain_text', text, emoji: false },
    value,
    ...more,
  });
  // A list of messages moves under the pointer as others arrive: what runs something is asked for twice.
  const confirm: JsonObject = {
    title: { type: 'plain_text', text: 'Approve this call?', emoji: false },
    text: {
      type: 'plain_text',
      text: oneLine(sentenceOf(request, longest.sentence), longest.confirmation),
      emoji: false,
    },
    confirm: { type: 'plain_text', text: 'Approve', emoji: false },
    deny: { type: 'plain_text', text: 'Not yet', emoji: false },
  };
  const elements = [
    ...(decidable
      ? [
          button(actions.approve, 'Approve', { style: 'primary', confirm }),
          button(actions.reject, 'Reject', { style: 'danger' }),
          button(actions.rejectWithReason, 'Reject with a reason…'),
        ]
      : []),
    ...(link === undefined ? [] : [button(actions.open, 'Open', { url: link })]),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** The deadline as each reader's own clock has it. */
function deadline({ expires_at }: RequestView): JsonObject {
  if (expires_at === null) return { type: 'plain_text', text: 'No deadline', emoji: false };
  return date('Decide by', expires_at);
}

/** A moment, shown in the reader's own time zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
function date(before: string, at: string): JsonObject {
  const seconds = Math.floor(Date.parse(at) / 1_000);
  return { type: 'mrkdwn', text: `${before} <!date^${seconds}^{date_short_pretty}, {time_secs}|${at}>` };
}

/** The sentence as the header, and whole below it where a header has too little room. */
function sentenceBlocks(request: RequestView, exactly: (what: string, shown: Shown) => string): JsonObject[] {
  const whole = sentenceOf(request, Number.POSITIVE_INFINITY);
  if (whole.length <= longest.header) return [header(whole)];
  return [header(whole), plain(exactly('the whole sentence', shownLines([whole], longest.whole)))];
}

function header(text: string): JsonObject {
  return { type: 'header', text: { type: 'plain_text', text: oneLine(text, longest.header), emoji: false } };
}

/** Expanded: Slack folds long text otherwise, and what is folded was not shown. */
function plain(text: string): JsonObject {
  return { type: 'section', expand: true, text: { type: 'plain_text', text, emoji: false } };
}

function label(text: string): JsonObject {
  return { type: 'section', text: { type: 'plain_text', text: `▸ ${text}`, emoji: false } };
}

function context(texts: string[], ...more: JsonObject[]): JsonObject {
  const elements = texts.map((text): JsonObject => ({ type: 'plain_text', text, emoji: false }));
  return { type: 'context', elements: [...elements, ...more] };
}
