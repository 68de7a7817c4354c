/**
 * What channels with little room say of a request: our own words, and values of others that can neither hide, nor
 * command, nor pass for ours. Pure.
 */
import type { RequestView } from '@countersign/shared/contracts';
import { maskOf, spanText } from '@countersign/shared/plain';
import { onOneLine, sentenceText } from './letter.ts';
import { linesOf } from './letter-values.ts';
import { sentenceOf as partsOf } from './mail.ts';

/** One line of at most so many UTF-16 units, disguises taken off, no character and no remark about one cut in half. */
export function oneLine(text: string, most: number): string {
  const shown = onOneLine(text);
  if (shown.length <= most) return shown;
  const cut = shown.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.replace(/\[[^\]]{0,30}$/, '')}…`;
}

/** What would happen, in one line: policy's words as they are, the agent's values in quotation marks. */
export function sentenceOf(request: RequestView, most: number): string {
  return oneLine(sentenceText(partsOf(request)), most);
}

/** Whether somebody's verdict is still waited for at a moment in ms: expiry counts before anybody has noticed it. */
export function isWaiting({ status, expires_at }: RequestView, now: number): boolean {
  return status === 'pending' && (expires_at === null || Date.parse(expires_at) > now);
}

/** `until 14:05 UTC (9:59 left)`: a message is read later than it is written, so the time itself is said as well. */
export function deadlineOf({ expires_at }: RequestView, now: number): string {
  if (expires_at === null) return 'no deadline';
  const at = new Date(expires_at).toISOString();
  const day = at.slice(0, 10) === new Date(now).toISOString().slice(0, 10) ? '' : `${at.slice(0, 10)} `;
  return `until ${day}${at.slice(11, 16)} UTC (${spanText(Date.parse(expires_at) - now)} left)`;
}

/** Some of the lines of a longer list; `whole`: it has no others, and none of these is cut. */
export type SomeLines = { lines: { name: string; value: string }[]; whole: boolean };

/** The first arguments that would run, each of at most so many characters: what policy covers stays covered. */
export function argumentsOf(request: RequestView, most: number, longest: number): SomeLines {
  const all = linesOf(request.args, maskOf(request));
  const lines = all.lines.slice(0, most).map(({ name, value }) => ({
    name: oneLine(name, 80),
    value: oneLine(value, longest),
  }));
  const cut = all.lines.some(({ value }) => onOneLine(value).length > longest);
  return { lines, whole: !cut && all.more === undefined && lines.length === all.lines.length };
}

/** Whether it can be undone, and what kind of data it touches, as far as policy says; `most` characters of each word of its. */
export function factsOf(
  { tool_facts: { reversible, sensitivity, compensation } }: RequestView,
  most = 100,
): string[] {
  const undo = compensation === undefined ? '' : ` with ${oneLine(compensation, most)}`;
  return [
    ...(reversible === undefined ? [] : [reversible ? `It can be undone${undo}.` : 'It can not be undone.']),
    ...(sensitivity === undefined ? [] : [`Sensitivity: ${oneLine(sensitivity, most)}.`]),
  ];
}

/** Which rules ask, and what they tell the reviewer. */
export function whyOf({ rules, message }: RequestView, most: number): string {
  const names = rules.length === 0 ? 'the default' : rules.join(', ');
  return oneLine(message === null ? names : `${names}: ${message}`, most);
}
