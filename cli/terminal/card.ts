import type { Change, RequestView } from '@countersign/shared/contracts';
import { limitSentence } from '@countersign/shared/plain';
import pc from 'picocolors';
import { inert, quoted } from './inert.ts';
import { timeLeft } from './time-left.ts';

/** How a card is laid out: the screen's width in columns, colours or none, and the present in ms. */
export type CardStyle = { columns: number; color: boolean; now: number };

/**
 * A request for a person to judge: what would happen in one sentence, why a human is asked, the whole
 * payload, then what the agent says of it. Everything that an agent wrote is inert, and what is more than a
 * word of it stands behind a bar.
 */
export function renderCard(request: RequestView, style: CardStyle): string[] {
  const paint = pc.createColors(style.color);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines];
  return [
    `${paint.bold(request.tier.toUpperCase())}  ${headline(request, style.now)}  ${paint.dim(inert(request.id))}`,
    title(request),
    ...section('Why a human is asked', why(request)),
    ...section('Arguments that would run', quoted(JSON.stringify(request.args, null, 2), style.columns)),
    ...section('Changed from what the agent asked for', changes(request.decision?.changes ?? [])),
    ...section('What policy knows of the tool', facts(request)),
    ...section(`What ${inert(request.agent)} says`, agentsWords(request, style.columns)),
    ...section('Asked before deciding', conversation(request, style.columns)),
    ...section('Verdicts', verdicts(request)),
    ...section('Decided', decided(request)),
    ...section('Reviewed afterwards', reviewed(request)),
    '',
    paint.dim(`version ${request.version}, ${request.args_digest}`),
  ];
}

/** One row of the queue: id, tier, time left, and the sentence, cut to the width. */
export function renderRow(request: RequestView, style: CardStyle): string {
  const left = timeLeft(request.expires_at, style.now);
  const row = `${inert(request.id)}  ${request.tier.padEnd(8)}  ${left.padEnd(10)}  ${title(request)}`;
  const characters = Array.from(row);
  return characters.length <= style.columns ? row : `${characters.slice(0, style.columns - 1).join('')}…`;
}

/** One row of what ran: id, tier, time left to look, how it went, and the sentence, cut to the width. */
export function renderRanRow(request: RequestView, style: CardStyle): string {
  const { id, tier, status, outcome, review } = request;
  const undoing = status === 'undo_requested';
  const left = undoing ? 'to undo' : timeLeft(review?.until ?? null, style.now);
  const went = outcome === undefined ? 'ran' : outcome.status;
  const row = `${inert(id)}  ${tier.padEnd(8)}  ${left.padEnd(16)}  ${went.padEnd(9)}  ${title(request)}`;
  const characters = Array.from(row);
  return characters.length <= style.columns ? row : `${characters.slice(0, style.columns - 1).join('')}…`;
}

/** The changes of an edit, one a line: `amount: 120 → 100`. */
export function changes(list: readonly Change[]): string[] {
  return list.map(({ path, from, to }) => {
    const name = inert(path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'));
    return `${name}: ${value(from, 'nothing')} → ${value(to, 'removed')}`;
  });
}

function value(part: unknown, absent: string): string {
  return part === undefined ? absent : inert(JSON.stringify(part));
}

/** What would happen, in one sentence: policy's words as they are, the agent's in quotation marks. */
export function title({ card, agent, tool }: RequestView): string {
  if (card === undefined) return `${inert(agent)} wants to run ${inert(tool)}`;
  return card.title
    .map((part) => ('text' in part ? part.text : part.missing ? '(missing)' : `“${inWords(part.value)}”`))
    .join('');
}

/** More of a value would fill the lines below the sentence with words of its own; the arguments have it whole. */
const longestValue = 80;

/** A value inside our sentence: it can not close its quotation marks and go on as if it were us. */
function inWords(value: string): string {
  const shown = Array.from(inert(value).replace(/[“”]/g, (mark) => (mark === '“' ? '⟨U+201C⟩' : '⟨U+201D⟩')));
  if (shown.length <= longestValue) return shown.join('');
  return `${shown.slice(0, longestValue - 1).join('')}…`;
}

function headline(request: RequestView, now: number): string {
  const { status, expires_at, release_at, claim, review, consumed_at } = request;
  if (status === 'running' && review !== undefined) {
    return consumed_at === undefined
      ? 'may run now'
      : `ran already; to look at: ${timeLeft(review.until, now)}`;
  }
  if (status !== 'pending') return status;
  const parts = [`pending, ${timeLeft(expires_at, now)}`];
  if (release_at) parts.push(`approved, held for ${timeLeft(release_at, now)}`);
  if (claim) parts.push(`${inert(claim.by)} is on it`);
  return parts.join('; ');
}

function why(request: RequestView): string[] {
  const rules = request.why.flatMap((hit) => {
    const seen = Object.entries(hit.values ?? {}).map(
      ([path, found]) => `${inert(path)} = ${value(found, 'missing')}`,
    );
    return [
      `${inert(hit.name)}${hit.message ? `: ${inert(hit.message)}` : ''}`,
      ...(hit.when ? [`  when ${inert(hit.when)}${seen.length > 0 ? ` (${seen.join(', ')})` : ''}`] : []),
      ...(hit.exceeded ?? []).map((limit) => `  ${inert(limitSentence(limit))}`),
      ...(hit.error ? [`  could not be evaluated: ${inert(hit.error)}`] : []),
    ];
  });
  return [...rules, ...request.warnings.map((warning) => `! ${inert(warning)}`)];
}

function facts({ tool_facts: { reversible, sensitivity, compensation } }: RequestView): string[] {
  const lines: string[] = [];
  if (reversible !== undefined) lines.push(reversible ? 'It can be undone.' : 'It can not be undone.');
  if (compensation) lines.push(`Undone with ${inert(compensation)}.`);
  if (sensitivity) lines.push(`Sensitivity: ${inert(sensitivity)}.`);
  return lines;
}

function agentsWords({ reason, preview, context, context_trusted }: RequestView, columns: number): string[] {
  const lines: string[] = [];
  if (reason) lines.push(...quoted(reason, columns));
  for (const [name, part] of Object.entries(preview ?? {})) {
    const text = typeof part === 'string' ? part : JSON.stringify(part, null, 2);
    lines.push(...quoted(`${name}: ${text}`, columns));
  }
  if (context && Object.keys(context).length > 0) {
    const trust = context_trusted ? 'trusted' : 'not trusted';
    lines.push(...quoted(`context (${trust}): ${JSON.stringify(context, null, 2)}`, columns));
  }
  return lines;
}

function conversation({ questions = [] }: RequestView, columns: number): string[] {
  return questions.flatMap(({ by, text, answer }) => [
    `${inert(by)} asked:`,
    ...quoted(text, columns),
    ...(answer === undefined
      ? ['the agent has not answered yet']
      : ['the agent answered:', ...quoted(answer.text, columns)]),
  ]);
}

function verdicts({ verdicts: given, progress, review }: RequestView): string[] {
  // Nobody approves what ran already.
  if (review !== undefined) return [];
  const lines = given.map(({ reviewer, verdict, edited, reason }) => {
    const how = edited ? ' with edited arguments' : '';
    return `${inert(reviewer)}: ${verdict}${how}${reason ? `, “${inert(reason)}”` : ''}`;
  });
  return progress.needed > 0 ? [`${progress.given} of ${progress.needed} approvals`, ...lines] : lines;
}

function reviewed({ review }: RequestView): string[] {
  if (review === undefined) return [];
  const { undo, until, by, verdict, reason, overdue } = review;
  return [
    undo === null
      ? 'Policy names nothing that undoes it.'
      : `It can be undone with ${inert(undo)}, until ${until}.`,
    ...(by === undefined
      ? []
      : [
          `${inert(by)}: ${verdict === 'fine' ? 'looks fine' : 'is to be undone'}${reason ? `, “${inert(reason)}”` : ''}`,
        ]),
    ...(overdue ? ['! The agent has not said that it is undone.'] : []),
  ];
}

function decided({ stop_reason, outcome, decided_by, grant_used, granted }: RequestView): string[] {
  const lines: string[] = [];
  if (grant_used) lines.push(`let through by the grant ${inert(grant_used.id)} of ${inert(grant_used.by)}`);
  else if (decided_by) lines.push(`by ${inert(decided_by)}`);
  if (granted) lines.push(`the next ${granted.calls} like it run unasked, until ${granted.expires_at}`);
  if (stop_reason) lines.push(`the agent was told ${stop_reason}`);
  if (outcome) lines.push(`the tool ran: ${outcome.status}`);
  return lines;
}
