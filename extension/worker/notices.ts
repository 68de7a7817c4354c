import { browser } from 'wxt/browser';
import { revealedLine } from '../card/disguise.ts';
import type { Snapshot } from '../keep/items.ts';
import { newcomers } from '../queue/newcomers.ts';
import { openCard } from '../surface/open.ts';
import { say } from '../words/say.ts';
import { serviceWorkerScope } from './scope.ts';

const oneNotice = 'request:';
const manyNotice = 'queue';

/**
 * Tells of newcomers with one OS notification, unless a surface is open in front of the reviewer, and takes back the
 * notifications whose requests are gone. A lock screen may show it, so it names agent, tool and tier and no argument.
 */
export async function tellOfNew(before: Snapshot | null, after: Snapshot): Promise<void> {
  await takeBackStale(after);
  const rows = newcomers(before, after);
  const [row] = rows;
  if (!row || (await isWatched())) return;
  const basics = { type: 'basic', iconUrl: browser.runtime.getURL('/icon/128.png') } as const;
  if (rows.length === 1) {
    await browser.notifications.create(oneNotice + row.id, {
      ...basics,
      title: say(row.tier === 'critical' ? 'notice_critical' : 'notice_high', revealedLine(row.agent)),
      message: say('notice_tool', revealedLine(row.tool)),
      // Firefox refuses a notification with options that it does not know.
      ...(serviceWorkerScope() ? { requireInteraction: row.tier === 'critical' } : {}),
    });
    return;
  }
  await browser.notifications.create(manyNotice, {
    ...basics,
    title: say('notice_many', rows.length),
    message: [...new Set(rows.map((other) => revealedLine(other.agent)))].slice(0, 5).join(', '),
  });
}

/** Opens what a clicked notification was about. */
export async function openFromNotice(id: string): Promise<void> {
  await browser.notifications.clear(id);
  await openCard(id.startsWith(oneNotice) ? id.slice(oneNotice.length) : undefined);
}

async function takeBackStale(after: Snapshot): Promise<void> {
  const waiting = new Set(after.rows.map((row) => oneNotice + row.id));
  const shown = Object.keys(await browser.notifications.getAll());
  // A queue longer than one page may still hold it further down.
  const stale = shown.filter((id) =>
    id === manyNotice ? after.total === 0 : !waiting.has(id) && after.next_cursor === undefined,
  );
  await Promise.all(stale.map((id) => browser.notifications.clear(id)));
}

/** Whether the reviewer has a popup, panel or page of ours before their eyes. */
async function isWatched(): Promise<boolean> {
  const scope = serviceWorkerScope();
  if (scope) {
    const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
    return windows.some((client) => client.visibilityState === 'visible');
  }
  // Firefox runs an event page, which can see the other pages themselves.
  return browser.extension.getViews().some((view) => view !== self && isVisible(view));
}

function isVisible(view: object): boolean {
  if (!('document' in view) || typeof view.document !== 'object' || view.document === null) return false;
  return 'visibilityState' in view.document && view.document.visibilityState === 'visible';
}
