import type { RequestView } from '@countersign/shared/contracts';
import { titleOf } from '@countersign/shared/plain';
import { serverNow } from '../api/clock.ts';
import { type Held, heldItem } from '../keep/items.ts';
import { language } from '../words/say.ts';
import { ownVerdict } from './verdict.ts';

/** Whether this person's approval of the request is held by the server, so that it can still be taken back. */
export function isHeld(request: RequestView, me: string): request is RequestView & { release_at: string } {
  return (
    request.status === 'pending' &&
    request.release_at !== undefined &&
    ownVerdict(request, me)?.verdict === 'approve'
  );
}

/**
 * Notes what a request says about its hold, so that every surface counts down and offers Undo. Several surfaces may
 * note at once, and answers may overtake each other: one note at a time, and the newest revision wins.
 */
export async function noteHeld(request: RequestView, me: string): Promise<void> {
  await navigator.locks.request('held', async () => {
    const kept = unexpired(await heldItem.getValue(), serverNow());
    const known = kept.find((held) => held.id === request.id);
    if (known && known.revision > request.revision) return;
    const { id, revision } = request;
    const others = kept.filter((held) => held !== known);
    if (isHeld(request, me)) {
      const title = titleOf(request, language());
      await heldItem.setValue([...others, { id, title, release_at: request.release_at, revision }]);
    } else if (known) {
      await heldItem.setValue([...others, { ...known, revision, over: true }]);
    }
  });
}

/** Those that can still be taken back, the latest last. */
export function stillHeld(held: Held[], now = serverNow()): Held[] {
  return unexpired(held, now).filter((one) => !one.over);
}

function unexpired(held: Held[], now: number): Held[] {
  return held.filter((one) => Date.parse(one.release_at) > now);
}
