/**
 * What channels with little room say of a request: our own words, and values of others that can neither hide, nor
 * command, nor pass for ours. Pure.
 */
import type { RequestView } from '@countersign/shared/contracts';
import {
  maskOf,
  revealedLine,
  rowsOf,
  type Shown,
  spanText,
  titleOf,
  valueAt,
} from '@countersign/shared/plain';

/** What stands for a value that is covered. */
const covered = '••••••••';

/** One line of at most so many UTF-16 units, disguises made visible, no character cut in half. */
export function oneLine(text: string, most: number): string {
  const shown = revealedLine(text).trim();
  if (shown.length <= most) return shown;
  const cut = shown.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** What would happen, in one line: policy's words as they are, the agent's values in quotation marks. */
export function sentenceOf(request: RequestView, most: number): string {
  const words = titleOf(request, 'en').map((segment) => {
    if ('text' in segment) return segment.text;
    return segment.missing === true ? '(missing)' : inWords(segment.value);
  });
  return oneLine(words.join(''), most);
}

/** A value inside a sentence of ours: it can not close its quotation marks and go on as if it were us. */
function inWords(value: string): string {
  const shown = revealedLine(value).replaceAll(/["“”]/g, "'");
  // Numbers and sums of money have nothing to say but themselves.
  return /^[\p{Sc}\d.,\s-]{1,30}$/u.test(shown) ? shown : `“${shown}”`;
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

/** Lines of `name: value`, as many as asked for, and how many more there are. */
export type SomeLines = { lines: { name: string; value: string; cut: boolean }[]; more: number };

/** The arguments that would run: what policy covers stays covered. */
export function argumentsOf(request: RequestView, most: number, longest: number): SomeLines {
  const { args } = request;
  const mask = maskOf(request);
  const rows = rowsOf(args, 'en');
  const lines = rows.slice(0, most).map(({ at, labels, shown }) => {
    const whole = mask(at, valueAt(args, at)) ? covered : revealedLine(spoken(shown));
    const value = oneLine(whole, longest);
    return { name: oneLine(labels.join(' › '), 80), value, cut: value !== whole.trim() };
  });
  return { lines, more: rows.length - lines.length };
}

function spoken(shown: Shown): string {
  switch (shown.kind) {
    case 'date':
      return shown.raw;
    case 'flag':
      return shown.on ? 'yes' : 'no';
    case 'addresses':
    case 'list':
      return shown.items.join(', ');
    case 'nothing':
      return shown.what === 'null' ? 'nothing' : `(empty ${shown.what})`;
    default:
      return shown.text;
  }
}

/** Whether it can be undone, and what kind of data it touches, as far as policy says. */
export function factsOf({ tool_facts: { reversible, sensitivity, compensation } }: RequestView): string[] {
  const undo = compensation === undefined ? '' : ` with ${oneLine(compensation, 100)}`;
  return [
    ...(reversible === undefined ? [] : [reversible ? `It can be undone${undo}.` : 'It can not be undone.']),
    ...(sensitivity === undefined ? [] : [`Sensitivity: ${oneLine(sensitivity, 100)}.`]),
  ];
}

/** Which rules ask, and what they tell the reviewer. */
export function whyOf({ rules, message }: RequestView, most: number): string {
  const names = rules.length === 0 ? 'the default' : rules.join(', ');
  return oneLine(message === null ? names : `${names}: ${message.replaceAll('\n', ' ')}`, most);
}
