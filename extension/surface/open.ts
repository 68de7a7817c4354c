import { browser } from 'wxt/browser';

/** Brings the full page to the front, on one request or on the queue. */
export function openCard(request?: string): Promise<void> {
  return openPage(request === undefined ? '#/' : `#/request/${encodeURIComponent(request)}`);
}

/** The same at any place of it. A tab that is open already is used, so that notifications do not pile up tabs. */
export async function openPage(place: string): Promise<void> {
  const page = browser.runtime.getURL('/card.html');
  const url = page + place;
  const tabs = (await browser.tabs.query({})).filter((tab) => tab.url?.startsWith(page));
  const same = tabs.find((tab) => tab.url === url);
  if (same?.id !== undefined) {
    await browser.tabs.update(same.id, { active: true });
    if (same.windowId !== undefined) await browser.windows.update(same.windowId, { focused: true });
    return;
  }
  await browser.tabs.create({ url });
}
