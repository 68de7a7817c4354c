/** Putting a request off: it stays in the queue, interrupts nobody for a while, and is not the one to begin with. */
import { laterItem } from '../keep/items.ts';

/** Milliseconds. */
const snoozeTime = 15 * 60_000;

/** Puts requests off from now on. */
export async function putOff(ids: readonly string[], now = Date.now()): Promise<void> {
  const until = now + snoozeTime;
  const later = await laterItem.getValue();
  await laterItem.setValue({ ...later, ...Object.fromEntries(ids.map((id) => [id, until])) });
}
