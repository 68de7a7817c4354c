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
import { standingOf, whyLines } from './slack-words.ts';

export type SlackMessage = { text: string; blocks: JsonObject[] };

/** Longest plain text of a header, and of a confirmation. */
const longest = { sentence: 600, header: 150, confirmation: 300, fallback: 1_000 };

/**
 * The message that shows a request. It has buttons that decide only where it shows all that a reviewer must see, in
 * full and exactly (law 6), and where what is pressed can be verified.
 *
 * @param verifiable whether intake can verify what is pressed
 * @param now ms
 */
export function slackMessage({ request, link }: Notice, verifiable: boolean, now: number): SlackMessage {
  return isWaiting(request, now) && request.release_at === undefined
    ? asking(request, link, verifiable, now)
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
  verifiable: boolean,
  now: number,
): SlackMessage {
  const { tier, agent, tool } = request;
  const mask = maskOf(request);
  const leftOut: string[] = [];
  const show = (what: string, { text, exact }: Shown): JsonObject => {
    if (!exact) leftOut.push(what);
    return plain(text);
  };

  const argued = valueLines(request.args, mask);
  const shownArgs = show(
    'arguments that can not be shown exactly',
    shownLines(argued.length === 0 ? ['none'] : argued),
  );
  const shownWhy = show('all of why it is asked', shownLines(whyLines(request, mask)));
  const said = agentLines(request);
  const shownSaid =
    said.length === 0
      ? undefined
      : show('words of the agent that can not be shown exactly', shownLines(said));
  leftOut.push(...notShown(request));
  const decidable = verifiable && leftOut.length === 0;

  const standing = [
    `${request.progress.given} of ${request.progress.needed} approvals`,
    ...(request.claim === undefined ? [] : [`${oneLine(request.claim.by, 80)} is on it`]),
    ...request.warnings.map((warning) => oneLine(warning, 300)),
  ];
  const blocks = [
    header(sentenceOf(request, longest.sentence)),
    context([`${tier.toUpperCase()} · ${oneLine(agent, 200)} · ${oneLine(tool, 200)}`], deadline(request)),
    shownWhy,
    label('Arguments that would run'),
    shownArgs,
    context([factsOf(request).join(' ') || 'Policy does not say whether it can be undone.']),
    ...(shownSaid === undefined ? [] : [label(`What ${oneLine(agent, 80)} says`), shownSaid]),
    context([standing.join(' · ')]),
    ...(decidable ? [] : [context([openInstead(leftOut, link)])]),
    ...actionsOf(request, link, decidable),
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
      ...actionsOf(request, link, false),
    ],
  };
}

function actionsOf(request: RequestView, link: string | undefined, decidable: boolean): JsonObject[] {
  const value = buttonValue({
    workspace: request.workspace,
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
