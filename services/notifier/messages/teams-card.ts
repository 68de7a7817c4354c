/**
 * A request as an adaptive card (1.4) for a workflow of Microsoft Teams. Pure.
 *
 * Teams reads Markdown in text blocks and facts, and its clients do not agree on how to escape it
 * (https://github.com/microsoft/AdaptiveCards/issues/5590). So whatever was not written here stands in runs of rich
 * text, which take no Markdown; text blocks hold fixed words of ours only.
 */

import { alertWords } from '@countersign/shared/alert';
import type { JsonObject, RequestView, Tier } from '@countersign/shared/contracts';
import { spokenClaim } from '@countersign/shared/plain';
import type { AlertNotice, Notice } from '../channels/channel.ts';
import { endingOf } from './ending.ts';
import { sentenceText } from './letter.ts';
import {
  argumentsOf,
  deadlineOf,
  factsOf,
  oneLine,
  type SomeLines,
  sentenceOf,
  whyOf,
} from './short-words.ts';

/** Bytes: what a workflow takes for certain. */
export const largestCard = 20_000;

/** Fixed words of ours: no value of anybody else's ever gets into a text block. */
type OurWords =
  | 'Approval needed'
  | 'Decided'
  | 'Over'
  | 'Alert'
  | 'What to do'
  | 'Arguments'
  | 'What the agent says'
  | 'Some of it did not fit here. The card has all of it.'
  | 'This is over: nothing is left to decide.';

/** How much of it is shown, from all that is useful to all that always fits. */
const measures = [
  { lines: 30, longest: 300, said: 1_000, sentence: 600 },
  { lines: 12, longest: 150, said: 400, sentence: 400 },
  { lines: 5, longest: 80, said: 0, sentence: 200 },
] as const;
type Measure = (typeof measures)[number];

const colors: Record<Tier, string> = {
  critical: 'Attention',
  high: 'Warning',
  medium: 'Accent',
  low: 'Default',
};

/** Asks for a verdict; in the page behind the link, since a workflow's card cannot tell who presses a button. */
export function askingCard(notice: Notice, now: number): JsonObject {
  return fitting((measure) => askingWith(notice, now, measure));
}

/** Says what became of it: a card that was posted by a workflow can not be changed. */
export function endingCard({ id, request, link }: Notice): JsonObject {
  const { text, reason, notes } = endingOf(request);
  return messageOf(id, link, [
    heading(request.decision === undefined ? 'Over' : 'Decided', request.tier),
    runs([bold(`${oneLine(text, 300)}.`)]),
    runs([plain(sentenceOf(request, 400))]),
    ...(reason === undefined ? [] : [fact('Reason', oneLine(reason, 500))]),
    ...notes.map((note) => runs([plain(note)])),
    words('This is over: nothing is left to decide.'),
    reference(request),
  ]);
}

/** Says that an alert stands, or that it is over. */
export function alertCard({ id, alert, link }: AlertNotice): JsonObject {
  const { title, found, advice } = alertWords(alert);
  const over = alert.status === 'cleared';
  return messageOf(
    id,
    link,
    [
      heading(over ? 'Over' : 'Alert', alert.urgency),
      runs([bold(oneLine(sentenceText(title), 600))]),
      ...found.map(({ name, value }) => fact(name, oneLine(value, 300))),
      ...(over ? [] : [words('What to do'), ...advice.map((line) => runs([plain(line)]))]),
      { ...runs([faint(alert.id)]), spacing: 'Medium' },
    ],
    'Open the figures',
  );
}

function askingWith({ id, request, link }: Notice, now: number, measure: Measure): JsonObject {
  const args = argumentsOf(request, measure.lines, measure.longest);
  const said = claimsOf(request, measure.said);
  const cut = !args.whole || said.cut;
  return messageOf(id, link, [
    heading('Approval needed', request.tier),
    runs([bold(sentenceOf(request, measure.sentence))]),
    fact('Asked by', oneLine(request.agent, 100)),
    fact('Tool', oneLine(request.tool, 100)),
    fact('Tier', `${request.tier}, ${deadlineOf(request, now)}`),
    fact('Asked because of', whyOf(request, 300)),
    ...factsOf(request).map((each) => runs([plain(each)])),
    ...(args.lines.length === 0 ? [] : [words('Arguments'), ...args.lines.map(argument)]),
    ...(said.lines.length === 0 ? [] : [quotation(said.lines)]),
    ...(cut ? [words('Some of it did not fit here. The card has all of it.')] : []),
    reference(request),
  ]);
}

/** The agent's reason and what it says would be affected, apart from everything that was verified. */
function claimsOf({ reason, preview }: RequestView, most: number): { lines: string[]; cut: boolean } {
  const claims = [
    ...spokenClaim(reason),
    ...spokenClaim(preview?.summary),
    ...spokenClaim(preview?.affected),
  ];
  if (most === 0) return { lines: [], cut: claims.length > 0 };
  const lines = claims.slice(0, 4).map((claim) => oneLine(claim, most));
  return { lines, cut: claims.length > lines.length || lines.some((line) => line.endsWith('…')) };
}

function fitting(card: (measure: Measure) => JsonObject): JsonObject {
  const [most, ...fewer] = measures;
  let made = card(most);
  for (const measure of fewer) {
    if (Buffer.byteLength(JSON.stringify(made)) <= largestCard) return made;
    made = card(measure);
  }
  return made;
}

/** @param id names the message on every attempt: a workflow that sees it twice knows that an answer was lost */
function messageOf(
  id: string,
  link: string | undefined,
  body: JsonObject[],
  opens = 'Open the card',
): JsonObject {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [{ type: 'Container', id, items: body }],
    ...(link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: opens, url: link }] }),
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
}

/** Clients put the date in place of this in any text: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features */
const dateFunction = /\{\{(?=(?:DATE|TIME)\()/gi;

const plain = (text: string): JsonObject => ({ type: 'TextRun', text: text.replaceAll(dateFunction, '{ {') });
const bold = (text: string): JsonObject => ({ ...plain(text), weight: 'Bolder' });
const faint = (text: string): JsonObject => ({ ...plain(text), isSubtle: true });
const runs = (inlines: JsonObject[]): JsonObject => ({ type: 'RichTextBlock', inlines });

function words(text: OurWords): JsonObject {
  return { type: 'TextBlock', text, wrap: true, weight: 'Bolder', spacing: 'Medium' };
}

function heading(text: OurWords, tier: Tier): JsonObject {
  return { type: 'TextBlock', text, wrap: true, size: 'Medium', weight: 'Bolder', color: colors[tier] };
}

function fact(name: string, value: string): JsonObject {
  return { ...runs([faint(`${name}: `), plain(value)]), spacing: 'Small' };
}

function argument({ name, value }: SomeLines['lines'][number]): JsonObject {
  return { ...runs([bold(name), plain(`: ${value}`)]), spacing: 'Small' };
}

function quotation(lines: string[]): JsonObject {
  return {
    type: 'Container',
    style: 'emphasis',
    items: [words('What the agent says'), ...lines.map((line) => runs([plain(line)]))],
  };
}

function reference({ id, version }: RequestView): JsonObject {
  return { ...runs([faint(`${id}, version ${version}`)]), spacing: 'Medium' };
}
