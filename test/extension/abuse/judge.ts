/** Judges an approval by what the observer saw, knowing nothing of how the extension decides. Pure. */
import type { Look, Observation } from './observer.ts';

/** An approval that a page sent, the `nth` verdict to that address. `mark` stands in the arguments that it approved. */
export type Approval = { url: string; nth: number; mark: string; strokes: 1 | 2 };

const armingDelay = 500;
/** The observer looks right after the page has drawn, the page counts from when it began to: so much they may differ. */
const tolerance = 60;
/** From the first of two strokes to the second. */
const strokeWindow = 4_200;

/** Why this approval should not have been sent; null when what made it was a release that had its press, on one armed card. */
export function faultOf(approval: Approval, { looks, sent }: Observation): string | null {
  const call = sent.filter(({ url }) => url === approval.url)[approval.nth];
  if (!call) return `the page began no call for ${approval.mark}`;
  const fault = faultAt(approval, looks, call.after - 1);
  return (
    fault &&
    `${fault}; before it: ${looks
      .slice(Math.max(0, call.after - 8), call.after)
      .map(inShort)
      .join(', ')}`
  );
}

function inShort({ at, what, key, repeat, card, since }: Look): string {
  const shown = `${card || 'no card'} since ${since === null ? 'never' : Math.round(since)}`;
  return `${Math.round(at)} ${what}${repeat ? ' again' : ''} ${key} (${shown})`;
}

function faultAt({ mark, strokes }: Approval, looks: Look[], end: number): string | null {
  const start = strokeEndingAt(looks, end, mark);
  if (typeof start === 'string') return start;
  const up = looks[end];
  if (!up || up.what === 'pointerup' || strokes === 1) return null;
  const before = releases(looks, up.at - strokeWindow, up.at).filter((at) => at < start);
  const hasFirst = before.some(
    (at) => approves(looks[at]) && typeof strokeEndingAt(looks, at, mark) === 'number',
  );
  return hasFirst ? null : `${mark} wants two strokes`;
}

/** Where something came up in that time. */
function releases(looks: Look[], from: number, to: number): number[] {
  return looks.flatMap(({ what, at }, index) =>
    (what === 'pointerup' || what === 'keyup') && at >= from && at <= to ? [index] : [],
  );
}

function approves(look: Look | undefined): boolean {
  return look?.what === 'keyup' && ['a', 'Enter', ' '].includes(look.key);
}

/** Where the press is that belongs to the release at `end`, both on the armed card; else what is wrong with it. */
function strokeEndingAt(looks: Look[], end: number, mark: string): number | string {
  const up = looks[end];
  if (up?.what !== 'pointerup' && up?.what !== 'keyup') return `${mark}: sent at ${up?.what ?? 'nothing'}`;
  const start = looks.findLastIndex(
    (look, at) =>
      at < end &&
      !look.repeat &&
      look.key === up.key &&
      (look.what === 'pointerdown' || look.what === 'keydown'),
  );
  const down = looks[start];
  if (!down) return `${mark}: a release without a press`;
  for (const look of [down, up]) {
    if (look.card !== mark) return `${mark}: ${look.what} on ${look.card || 'no card'}`;
    if (look.since === null || look.at - look.since < armingDelay - tolerance) {
      return `${mark}: ${look.what} after ${look.since === null ? 'nobody looked' : Math.round(look.at - look.since)} ms`;
    }
    if (!look.onApprove && look.key.toLowerCase() !== 'a')
      return `${mark}: ${look.what} of ${look.key} beside Approve`;
  }
  return down.since === up.since ? start : `${mark}: the focus went between press and release`;
}
