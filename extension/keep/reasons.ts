/**
 * Reasons that this person has rejected with, the latest first, so that they need not be typed again. Kept until the
 * reviewer disconnects or forgets them; they are the reviewer's own words, never arguments.
 */
import { storage } from 'wxt/utils/storage';
import { withReason } from '../decide/reasons.ts';

export const reasonsItem = storage.defineItem<string[]>('local:reject_reasons', { fallback: [] });

/** Keeps a reason that is being given. Two surfaces may do so at once. Never rejects: no verdict is to wait for it. */
export async function rememberReason(reason: string): Promise<void> {
  try {
    await navigator.locks.request('reject_reasons', async () => {
      await reasonsItem.setValue(withReason(await reasonsItem.getValue(), reason));
    });
  } catch {
    // A full disk costs a convenience.
  }
}
