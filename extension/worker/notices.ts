import { revealedLine } from '@countersign/shared/plain';
import { defaultPreferences } from '@countersign/shared/preferences';
import { browser } from 'wxt/browser';
import { heardItem, laterItem, preferencesItem, type Row, type Snapshot } from '../keep/items.ts';
import { putOff } from '../queue/later.ts';
import { openCard, openPage } from '../surface/open.ts';
import { say, sayCount } from '../words/say.ts';
import { alertNotice } from './alert-notice.ts';
import { interruptionFor, type Telling } from './interruption.ts';
import { openByItself } from './open-by-itself.ts';
import { serviceWorkerScope } from './scope.ts';

const oneNotice = 'request:';
const manyNotice = 'queue';
const digestNotice = 'digest';

/**
 * Interrupts the reviewer as far as their preferences let it: the card opens itself, or one OS notification comes; and
 * takes back the notifications whose requests are gone. Never while a surface is open in front of them.
 */
export async function tellOfNew(before: Snapshot | null, after: Snapshot): Promise<void> {
  const [preferences, heard, later, watched] = await Promise.all([
    preferencesItem.getValue(),
    heardItem.getValue(),
    laterItem.getValue(),
    isWatched(),
  ]);
  const told = interruptionFor({
    before,
    after,
    preferences: preferences ?? defaultPreferences,
    heard,
    later,
    now: Date.now(),
    watched,
  });
  await Promise.all([heardItem.setValue(told.heard), laterItem.setValue(told.later)]);
  await takeBackStale(after, heard.burst);
  const { telling } = told;
  if (telling === null) return;
  if (telling.kind !== 'digest' && telling.opens && (await openByItself(mainRow(telling).id))) return;
  await notify(telling, (preferences ?? defaultPreferences).sound);
}

function mainRow(telling: Extract<Telling, { kind: 'one' | 'many' }>): Row {
  if (telling.kind === 'one') return telling.row;
  const [gravest] = telling.rows;
  if (!gravest) throw new Error('many requests to tell of, and none among them');
  return gravest;
}

/** A lock screen may show it, so it names agent, tool and tier and no argument. */
async function notify(telling: Telling, sound: boolean): Promise<void> {
  const basics = { type: 'basic', iconUrl: browser.runtime.getURL('/icon/128.png') } as const;
  // Firefox refuses a notification with options that it does not know.
  const chrome = serviceWorkerScope() !== null;
  const joined = telling.kind === 'many';
  const ways = chrome
    ? { silent: !sound, buttons: [{ title: say('notice_open') }, { title: say('notice_snooze') }] }
    : {};
  if (telling.kind === 'one') {
    const { row } = telling;
    const critical = row.tier === 'critical';
    await browser.notifications.create(oneNotice + row.id, {
      ...basics,
      ...ways,
      title: say(critical ? 'notice_critical' : 'notice_high', revealedLine(row.agent)),
      message: say('notice_tool', revealedLine(row.tool)),
      ...(chrome ? { requireInteraction: critical } : {}),
    });
    return;
  }
  if (joined) await Promise.all(telling.rows.map(({ id }) => browser.notifications.clear(oneNotice + id)));
  await browser.notifications.create(joined ? manyNotice : digestNotice, {
    ...basics,
    ...ways,
    title: joined
      ? say('notice_many', telling.rows.length)
      : sayCount(telling.total, 'notice_digest_one', 'notice_digest_many'),
    message: [...new Set(telling.rows.map((other) => revealedLine(other.agent)))].slice(0, 5).join(', '),
  });
}

/** Opens what a clicked notification was about. */
export async function openFromNotice(id: string): Promise<void> {
  await browser.notifications.clear(id);
  if (id.startsWith(alertNotice)) return openPage('#/insights');
  await openCard(id.startsWith(oneNotice) ? id.slice(oneNotice.length) : undefined);
}

/** A notification's button: the first opens, the second puts off. None decides. */
export async function pressOnNotice(id: string, button: number): Promise<void> {
  if (button === 0) return openFromNotice(id);
  await browser.notifications.clear(id);
  const { burst } = await heardItem.getValue();
  // A digest that is put off comes back as the next digest.
  const about = id.startsWith(oneNotice) ? [id.slice(oneNotice.length)] : id === manyNotice ? burst : [];
  await putOff(about);
}

/** `burst`: what the notification of many was about. */
async function takeBackStale(after: Snapshot, burst: string[]): Promise<void> {
  const waiting = new Set(after.rows.map((row) => row.id));
  const shown = Object.keys(await browser.notifications.getAll());
  // A queue longer than one page may still hold it further down.
  const whole = after.next_cursor === undefined;
  const stale = shown.filter((id) => {
    if (id.startsWith(alertNotice)) return false;
    if (id === digestNotice) return after.total === 0;
    if (id === manyNotice) return whole && !burst.some((request) => waiting.has(request));
    return whole && !waiting.has(id.slice(oneNotice.length));
  });
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
