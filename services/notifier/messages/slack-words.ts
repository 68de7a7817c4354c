/** What a message in Slack says of a request, in our own words around values that are made inert. Pure. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { coveredIn, fillIn, type Mask, maskOf } from '@countersign/shared/plain';
import { endingOf } from './ending.ts';
import { covered, linesOf } from './letter-values.ts';
import { oneLine } from './short-words.ts';

/** Cuts a list that nobody would read to its end. */
const mostChanges = 20;

/**
 * Each rule that asks, its message, and its condition with the values that it saw. Nothing is cut: whether a message
 * shows all of it is for the message to judge.
 */
export function whyLines({ why, rules, message }: RequestView, mask: Mask): string[] {
  const hits = why.filter(({ effect }) => effect !== 'allow');
  if (hits.length === 0) {
    const named = `Asked because of ${rules.join(', ') || 'the default'}.`;
    return message === null ? [named] : [named, ...proseLines(message)];
  }
  return hits.flatMap((hit) => {
    const condition = hit.when === undefined ? '' : conditionOf(hit.when, hit.values, mask);
    return [
      `Asked because of ${hit.name}${condition === '' ? '.' : `: ${condition}`}`,
      ...(hit.message === undefined ? [] : proseLines(hit.message)),
      ...(hit.error === undefined ? [] : [`Its condition failed: ${hit.error}`]),
    ];
  });
}

/** What policy or intake says, line by line: white space in prose says nothing, so none of it counts as left out. */
export function proseLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/[ \t\r]+/g, ' ').trim())
    .filter((line) => line !== '');
}

function conditionOf(when: string, values: Record<string, unknown> | undefined, mask: Mask): string {
  const pieces = fillIn(when, values, Number.POSITIVE_INFINITY).map((piece) => {
    if ('text' in piece) return piece.text.replaceAll(/\s*\n\s*/g, ' ');
    const hides = coveredIn(mask, piece.at, piece.raw).length > 0;
    return `${piece.name} (${hides ? covered : piece.value})`;
  });
  return pieces.join('').trim();
}

/** How a request that takes no verdict any more stands, who brought it there, and when. */
export type Standing = {
  said: string;
  reason: string | undefined;
  changes: string[];
  /** A moment that matters, with the words before it. */
  moment: { before: string; at: string };
};

/** Says it. */
export function standingOf(request: RequestView): Standing {
  const { revoked, release_at, status } = request;
  const changes = changeLines(request);
  if (status === 'pending' && release_at !== undefined) {
    const approvers = request.verdicts.filter(({ verdict }) => verdict === 'approve');
    const names = approvers.map(({ reviewer }) => reviewer).join(', ');
    return {
      said: `Approved by ${oneLine(names, 300)}, and held for a moment: it can still be undone.`,
      reason: undefined,
      changes,
      moment: { before: 'Takes effect', at: release_at },
    };
  }
  const { text, reason, notes } = endingOf(request);
  return {
    said: [`${oneLine(text, 500)}.`, ...notes].join(' '),
    reason,
    changes,
    moment: { before: 'On', at: revoked?.at ?? request.decided_at ?? request.created_at },
  };
}

/** What an edit changed, where it was approved; what policy covers stays covered, before and after. */
function changeLines(request: RequestView): string[] {
  if (request.decision?.edited !== true) return [];
  const { lines, more } = linesOf(request.args, maskOf(request), request.proposed_args);
  const changes = lines.flatMap(({ name, value, was }) =>
    was === undefined ? [] : [`${oneLine(name, 200)}: ${oneLine(was, 200)} → ${oneLine(value, 200)}`],
  );
  const left = changes.length - mostChanges;
  if (left > 0) return [...changes.slice(0, mostChanges), `and ${left} more changes`];
  return more === undefined ? changes : [...changes, more];
}

/** The members that make a lost answer recognisable: any app of the Slack workspace may read them. */
export function metadataOf(
  event_type: 'countersign_request' | 'countersign_reminder',
  reference: string,
): JsonObject {
  return { event_type, event_payload: { reference } };
}
