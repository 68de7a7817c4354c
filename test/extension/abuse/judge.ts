/** Judges an approval by what the observer saw, knowing nothing of how the extension decides. Pure. */
import type { Look, Observation } from './observer.ts';

/** An approval that a page sent, the `nth` verdict to that address. `mark` stands in the arguments that it approved. */
export type Approval = { url: string; nth: number; mark: string; strokes: 1 | 2 };

const armingDelay = 500;
/** The observer looks right after the page has drawn, the page counts from when it began to: so much they may differ. */
const tolerance = 60;
/** From the release to the beginning of the call. */
const reaction = 250;

/** Why this approval should not have been sent; null when it had its press and its release on one armed card. */
export function faultOf(approval: Approval, { looks, sent }: Observation): string | null {
  const call = sent.filter(({ url }) => url === approval.url)[approval.nth];
  if (!call) return `the page began no call for ${approval.mark}`;
  const before = looks.filter(({ at }) => at <= call.at + 1);
  const last = before.findLastIndex(({ what }) => what === 'pointerup' || what === 'keyup');
  const up = before[last];
  if (!up || call.at - up.at > reaction) return `nothing came up when ${approval.mark} was approved`;
  const first = strokeEndingAt(before, last, approval.mark);
  if (typeof first === 'string') return first;
  if (up.what === 'pointerup' || approval.strokes === 1) return null;
  // The stroke before: the nearest earlier release of an approving key on that card.
  const earlier = before.findLastIndex(
    (look, at) =>
      at < first && look.what === 'keyup' && look.card === approval.mark && up.at - look.at <= 4_200,
  );
  if (earlier === -1) return `${approval.mark} wants two strokes`;
  const second = strokeEndingAt(before, earlier, approval.mark);
  return typeof second === 'string' ? second : null;
}

/** Where the press is that belongs to the release at `end`, both on the armed card; else what is wrong with it. */
function strokeEndingAt(looks: Look[], end: number, mark: string): number | string {
  const up = looks[end];
  if (!up) return 'no release';
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
