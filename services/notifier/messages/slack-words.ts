/** What a message in Slack says of a request, in our own words around values that are made inert. Pure. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { fillIn, type Mask, titleOf } from '@countersign/shared/plain';
import { covered, inWords, line } from './slack-text.ts';

/** Cuts a list that nobody would read to its end. */
const mostChanges = 20;

/** What would happen, in one line: policy's words as they are, the agent's in quotation marks. */
export function sentenceOf(request: RequestView): string {
  const segments = titleOf(request, 'en').map((segment) => {
    if ('text' in segment) return segment.text;
    return segment.missing === true ? '(missing)' : inWords(segment.value);
  });
  return line(segments.join(''), 1_000);
}

/** Each rule that asks, its message, and its condition with the values that it saw. */
export function whyLines({ why, rules, message }: RequestView, mask: Mask): string[] {
  const hits = why.filter(({ effect }) => effect !== 'allow');
  if (hits.length === 0) {
    const named = `Asked because of ${line(rules.join(', ') || 'the default', 500)}.`;
    return message === null ? [named] : [named, line(message, 1_000)];
  }
  return hits.flatMap((hit) => {
    const condition = hit.when === undefined ? '' : conditionOf(hit.when, hit.values, mask);
    return [
      `Asked because of ${line(hit.name, 200)}${condition === '' ? '.' : `: ${condition}`}`,
      ...(hit.message === undefined ? [] : [line(hit.message, 1_000)]),
      ...(hit.error === undefined ? [] : [`Its condition failed: ${line(hit.error, 500)}`]),
    ];
  });
}

function conditionOf(when: string, values: Record<string, unknown> | undefined, mask: Mask): string {
  const pieces = fillIn(when, values).map((piece) => {
    if ('text' in piece) return piece.text;
    const [, ...at] = piece.name.split('.');
    return `${piece.name} (${mask(at, piece.value) ? covered : piece.value})`;
  });
  return line(pieces.join(''), 1_000);
}

/** What policy knows of the tool. */
export function factsOf({ tool_facts: { reversible, sensitivity, compensation } }: RequestView): string {
  const undone =
    reversible === undefined
      ? 'Policy does not say whether it can be undone.'
      : reversible
        ? `It can be undone${compensation === undefined ? '' : ` with ${line(compensation, 200)}`}.`
        : 'It can not be undone.';
  return sensitivity === undefined ? undone : `${undone} Sensitivity: ${line(sensitivity, 200)}.`;
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
  const { decision, revoked, outcome, verdicts } = request;
  const ran = outcome === undefined ? '' : ` The tool ran: ${outcome.status.replaceAll('_', ' ')}.`;
  const reason = revoked?.reason ?? decision?.reason ?? verdicts.findLast((each) => each.reason)?.reason;
  return {
    said: `${endOf(request)}.${ran}`,
    reason: reason ?? undefined,
    changes: changeLines(request),
    moment:
      request.release_at !== undefined && request.status === 'pending'
        ? { before: 'Takes effect', at: request.release_at }
        : { before: 'On', at: revoked?.at ?? request.decided_at ?? request.created_at },
  };
}

function endOf(request: RequestView): string {
  const { status, revoked, decision, grant_used, stop_reason, superseded_by } = request;
  const by = line(request.decided_by ?? '', 300);
  const edited = decision?.edited === true ? ', with edited arguments' : '';
  if (revoked !== undefined) return `Approval taken back by ${line(revoked.by, 100)}`;
  if (status === 'pending') {
    const approvers = request.verdicts.filter(({ verdict }) => verdict === 'approve');
    const names = line(approvers.map(({ reviewer }) => reviewer).join(', '), 300);
    return `Approved by ${names}, and held for a moment: it can still be undone`;
  }
  if (status === 'approved') {
    if (grant_used !== undefined) return `Let through by the standing grant of ${line(grant_used.by, 100)}`;
    return `Approved by ${by}${edited}`;
  }
  if (status === 'rejected') return `Rejected by ${by}`;
  if (status === 'timed_out') return 'Nobody decided in time';
  if (superseded_by !== undefined) return 'Replaced by a newer request';
  return stop_reason === 'frozen' ? 'Stopped by a freeze' : 'Withdrawn by the agent';
}

function changeLines({ decision, tool_facts }: RequestView): string[] {
  const changes = decision?.changes ?? [];
  const hidden = (path: string) =>
    tool_facts.mask?.some((each) => path === each || path.startsWith(`${each}.`)) === true;
  const shown = changes.slice(0, mostChanges).map(({ path, from, to }) => {
    const name = path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
    const say = (value: unknown, absent: string) =>
      value === undefined ? absent : hidden(name) ? covered : line(JSON.stringify(value), 200);
    return `${line(name, 200)}: ${say(from, 'nothing')} → ${say(to, 'removed')}`;
  });
  const more = changes.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more changes`] : shown;
}

/** The members that make a lost answer recognisable: any app of the Slack workspace may read them. */
export function metadataOf(reference: string): JsonObject {
  return { event_type: 'countersign_request', event_payload: { reference } };
}
