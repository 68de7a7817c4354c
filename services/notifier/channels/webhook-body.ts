/** What a webhook and a callback say: `{type, timestamp, data: {request}}`, at most 20 kB of it; of an alert `data: {alert}`. */
import { alertView } from '@countersign/shared/alert';
import type { AlertNotice, Notice } from './channel.ts';

/** Standard Webhooks asks for less than 20 kB, and receivers' proxies cut off what is much more. Bytes. */
export const bodyCap = 20_000;

/** What is left out of a request that is too large, one step after the other, until the rest fits. */
const leftOut: readonly (readonly string[])[] = [
  ['transcript'],
  ['context'],
  ['preview'],
  ['args_schema', 'tool_facts', 'links'],
  ['questions', 'why', 'message', 'reason'],
  // The card shows the arguments, and a decision their changes.
  ['args', 'proposed_args', 'card'],
  ['decision', 'verdicts', 'outcome'],
];
/** What is shorter saves nothing, characters. */
const worthwhile = 200;
/** What is always said. */
const essential = [
  'id',
  'workspace',
  'agent',
  'tool',
  'tier',
  'status',
  'version',
  'args_digest',
  'expires_at',
  'review',
];

/** The body of an alert, in whole: names and figures. */
export function alertBodyOf({ type, timestamp, workspace, alert, link }: AlertNotice): string {
  const data = { alert: { workspace, ...alertView(alert), ...(link === undefined ? {} : { link }) } };
  return JSON.stringify({ type, timestamp, data });
}

/**
 * The body of a notice. There is no token in a request's view. Where the request is too large, `data.truncated` names
 * the members that were left out and the call that gives them: what is missing is never taken for absent.
 */
export function bodyOf({ type, timestamp, request }: Notice): string {
  const whole = JSON.stringify({ type, timestamp, data: { request } });
  if (Buffer.byteLength(whole) <= bodyCap) return whole;
  const rest: Record<string, unknown> = { ...request };
  const fields: string[] = [];
  const omit = (names: readonly string[], least: number): string | undefined => {
    for (const name of names) {
      if (rest[name] === undefined || JSON.stringify(rest[name]).length < least) continue;
      delete rest[name];
      fields.push(name);
    }
    const truncated = { fields, read: `/v1/requests/${encodeURIComponent(request.id)}` };
    const text = JSON.stringify({ type, timestamp, data: { request: rest, truncated } });
    return Buffer.byteLength(text) <= bodyCap ? text : undefined;
  };
  /** Why something is to be undone may be long; what undoes it, and until when, is always said. */
  function withoutWhy(): string | undefined {
    if (request.review === undefined) return undefined;
    const { reason: _, ...review } = request.review;
    rest.review = review;
    fields.push('review.reason');
    return omit([], 0);
  }
  for (const names of leftOut) {
    const text = omit(names, worthwhile);
    if (text !== undefined) return text;
  }
  const others = Object.keys(rest).filter((name) => !essential.includes(name));
  const text = omit(others, 0) ?? withoutWhy();
  if (text === undefined) throw new Error('the essential members of a request are larger than a webhook');
  return text;
}
