import { browser } from 'wxt/browser';
import { openedItem } from '../keep/items.ts';

/**
 * Opens the popup on a request, unasked. Browsers let it in the window that has the focus, some not at all; what
 * keeps the keys that were meant for that window from deciding anything is `surface/unasked.ts`.
 *
 * @returns whether it opened
 */
export async function openByItself(id: string): Promise<boolean> {
  if (!('openPopup' in browser.action)) return false;
  await openedItem.setValue({ id, at: Date.now() });
  try {
    await browser.action.openPopup();
    return true;
  } catch {
    await openedItem.setValue(null);
    return false;
  }
}
