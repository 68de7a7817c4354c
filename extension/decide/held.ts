import type { RequestView } from '@countersign/shared/contracts';
import { serverNow } from '../api/clock.ts';
import { titleOf } from '../card/title.ts';
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

/** Notes what a request says about its hold, so that every surface counts down and offers Undo. */
export async function noteHeld(request: RequestView, me: string): Promise<void> {
  const others = stillHeld(await heldItem.getValue()).filter((held) => held.id !== request.id);
  const mine: Held[] = isHeld(request, me)
    ? [{ id: request.id, title: titleOf(request, language()), release_at: request.release_at }]
    : [];
  await heldItem.setValue([...others, ...mine]);
}

/** Those whose time is not over, the latest last. */
export function stillHeld(held: Held[], now = serverNow()): Held[] {
  return held.filter((one) => Date.parse(one.release_at) > now);
}
