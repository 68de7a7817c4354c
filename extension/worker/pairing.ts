import { browser } from 'wxt/browser';
import { pair } from '../api/reviewer.ts';
import type { Trouble } from '../api/trouble.ts';
import { originPattern } from '../connect/pairing-link.ts';
import { connectionItem, forgetAll, pairingItem, pairingTroubleItem } from '../keep/items.ts';

let last: Promise<Trouble | null> = Promise.resolve(null);

/**
 * Carries out the pairing that the Connect form left behind, if the browser permits its server by now. It is the
 * worker that does so, because the browser's own question can close the popup that asked it.
 *
 * @returns why it failed, or null when there was nothing to do or it worked
 */
export function pairWaiting(): Promise<Trouble | null> {
  // The form and the granted permission may both call, and the code works once.
  last = last.then(pairOnce, pairOnce);
  return last;
}

async function pairOnce(): Promise<Trouble | null> {
  const waiting = await pairingItem.getValue();
  if (!waiting) return null;
  if (!(await browser.permissions.contains({ origins: [originPattern(waiting.server)] }))) {
    return note({ code: 'not_permitted', detail: '', extra: {} });
  }
  // It waits until there is an answer, so that a worker that is killed meanwhile leaves it to the next one.
  const answer = await pair(waiting.server, waiting.code, waiting.device);
  await pairingItem.setValue(null);
  if (!answer.ok) return note(answer.trouble);
  const { key, key_id, workspace, person, vapid_public_key } = answer.value;
  await forgetAll();
  await connectionItem.setValue({ server: waiting.server, key, key_id, workspace, person, vapid_public_key });
  return null;
}

async function note(trouble: Trouble): Promise<Trouble> {
  await pairingTroubleItem.setValue(trouble);
  return trouble;
}
