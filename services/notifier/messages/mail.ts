/** What a mail says of a request: all that a reviewer needs to judge it, or in two lines how it ended. Pure. */
import type { Json, RequestView } from '@countersign/shared/contracts';
import { maskOf, spokenClaim, titleOf, turnsOf } from '@countersign/shared/plain';
import { endingOf } from './ending.ts';
import type { Block, Letter, Part } from './letter.ts';
import { contextMask, language, linesOf, plainValue } from './letter-values.ts';
import { deadlineOf } from './time-words.ts';
import { unlinked } from './unlinked.ts';
import { whyOf } from './why-asked.ts';

const mostTurns = 8;

export type MailSettings = {
  /** The card's page. */
  link: string | undefined;
  /** Redis time in ms. */
  now: number;
  /** The reader's, of the IANA database. */
  timeZone: string;
};

/** The sentence of the card, in pieces. */
export function sentenceOf(request: RequestView): Part[] {
  return titleOf(request, language).map((segment) =>
    'text' in segment
      ? segment.text
      : { value: segment.value, ...(segment.missing === true ? { missing: true as const } : {}) },
  );
}

function factsOf({ tool_facts: { reversible, sensitivity, compensation } }: RequestView): Block {
  const undone =
    reversible === undefined
      ? 'Policy does not say'
      : reversible
        ? compensation === undefined
          ? 'Yes'
          : `Yes, by ${compensation}`
        : 'No';
  return {
    kind: 'facts',
    facts: [
      { name: 'Reversible', value: undone, warns: reversible === false },
      ...(sensitivity === undefined ? [] : [{ name: 'Sensitivity', value: sensitivity, warns: false }]),
    ],
  };
}

function saidBy(request: RequestView): Block {
  const { preview = {}, reason, links = [], transcript } = request;
  const claim = (name: string, value: unknown) => spokenClaim(value).map((text) => ({ name, text }));
  const turns = turnsOf(transcript);
  const said = [
    ...spokenClaim(preview.summary).map((text) => ({ text })),
    ...(reason ? [{ text: reason }] : []),
    ...claim('Affected', preview.affected),
    ...(preview.reversible === undefined
      ? []
      : [{ name: 'Can it be undone?', text: yesNo(preview.reversible) }]),
    ...claim('Instead it could', preview.alternatives),
    ...links.map(({ href, text }) => ({ ...(text ? { name: text } : {}), text: href })),
    ...turns.slice(-mostTurns).map(({ role, text }) => ({ name: role || 'Said', text })),
  ];
  return {
    kind: 'said',
    title: 'The agent says',
    said: said.length === 0 ? [{ text: 'It gave no reason.' }] : said,
  };
}

const yesNo = (claim: unknown): string =>
  typeof claim === 'boolean' ? (claim ? 'yes' : 'no') : plainValue(claim as Json);

/** What reviewers wanted to know first, and what the agent had to say to it. */
function conversationOf({ questions = [] }: RequestView): Block[] {
  if (questions.length === 0) return [];
  const said = questions.flatMap(({ by, text, answer }) => [
    { name: `${by} asked`, text },
    answer === undefined
      ? { text: 'The agent has not answered yet.' }
      : { name: 'The agent answered', text: answer.text },
  ]);
  return [{ kind: 'said', title: 'Asked before deciding', said }];
}

/** How far a quorum of several is, and who has spoken. */
function progressOf({ progress, verdicts, version }: RequestView): Part[][] {
  const given = verdicts.filter((verdict) => verdict.version === version);
  const words = { approve: 'approved', reject: 'rejected' };
  return [
    ...(progress.needed > 1 ? [[`${progress.given} of ${progress.needed} approvals`]] : []),
    ...given.map(({ reviewer, verdict, edited }): Part[] => [
      { value: reviewer },
      edited ? ' edited and approved' : ` ${words[verdict]}`,
    ]),
  ];
}

/** Why a mail comes although there was one before. */
const again: Record<string, string> = {
  'request.edited': 'A reviewer changed its arguments; what was approved before no longer counts.',
  'request.raised': 'Policy asks for more than it did.',
  'request.undecidable': 'Nobody may decide this as things stand.',
  'request.unheard': 'It asked, and there was nobody whom it could reach.',
  'request.escalated': 'It still waits, and more people are asked now.',
  'request.reminded': 'Reminder: it still waits.',
  'question.answered': 'The agent has answered a question.',
  'question.asked': 'A reviewer has asked the agent something.',
  'verdict.undone': 'An approval was taken back.',
};

/** What needs more than a decision. */
const alarming: ReadonlySet<string> = new Set(['request.undecidable', 'request.unheard']);

function standing(event: string, request: RequestView): Letter['status'] {
  if (request.release_at !== undefined) return { text: 'Approved, and held for a moment.', tone: 'calm' };
  if (event === 'request.claimed' && request.claim !== undefined)
    return { text: `${request.claim.by} is on it.`, tone: 'calm' };
  const text = again[event];
  return text === undefined ? undefined : { text, tone: alarming.has(event) ? 'bad' : 'calm' };
}

const footOf = ({ id, workspace, tool, version }: RequestView): string[] => [
  `${unlinked(tool)} · ${id} · version ${version} · ${workspace}`,
  'Sent by Countersign. An answer to this mail reaches nobody and decides nothing.',
];

/** The mail that asks: complete, and nothing in it decides. */
export function askingLetter(event: string, request: RequestView, settings: MailSettings): Letter {
  const mask = maskOf(request);
  const progress = progressOf(request);
  const context = request.context ?? {};
  const status = standing(event, request);
  return {
    tier: request.tier,
    above: [request.agent],
    ...(status === undefined ? {} : { status }),
    sentence: sentenceOf(request),
    below: [deadlineOf(request, settings)],
    ...(settings.link === undefined
      ? {}
      : {
          link: {
            text: 'Open the card',
            href: settings.link,
            note: 'Approve or reject there. Opening it decides nothing.',
          },
        }),
    blocks: [
      ...(request.erased === true
        ? [{ kind: 'warning', text: 'Its arguments have been erased.' } as const]
        : []),
      ...request.warnings.map((text) => ({ kind: 'warning', text }) as const),
      { kind: 'lines', title: 'What would run', ...linesOf(request.args, mask, request.proposed_args) },
      factsOf(request),
      saidBy(request),
      ...conversationOf(request),
      ...(Object.keys(context).length === 0
        ? []
        : [
            {
              kind: 'lines',
              title: request.context_trusted ? 'Context' : 'Context, which policy does not trust',
              ...linesOf(context, contextMask(mask)),
            } as const,
          ]),
      whyOf(request, mask),
      ...(progress.length === 0 ? [] : [{ kind: 'notes', title: 'So far', notes: progress } as const]),
    ],
    foot: footOf(request),
  };
}

/** The mail that closes the thread: what became of it. */
export function closingLetter(request: RequestView, settings: MailSettings): Letter {
  const { text, tone, reason, notes } = endingOf(request);
  const mask = maskOf(request);
  const blocks: Block[] = [];
  if (reason !== undefined) blocks.push({ kind: 'notes', title: 'The reason', notes: [[{ value: reason }]] });
  if (request.decision?.edited === true && request.status === 'approved') {
    blocks.push({
      kind: 'lines',
      title: 'What may run',
      ...linesOf(request.args, mask, request.proposed_args),
    });
  }
  return {
    tier: request.tier,
    above: [request.agent],
    status: { text, tone },
    sentence: sentenceOf(request),
    below: notes,
    ...(settings.link === undefined
      ? {}
      : {
          link: {
            text: 'See the card',
            href: settings.link,
            note:
              request.status === 'undo_requested'
                ? 'See to it yourself.'
                : 'There is nothing left to decide.',
            quiet: true,
          },
        }),
    blocks,
    foot: footOf(request),
  };
}
