/** What is put into the popup to look on. It changes nothing and asks the page's code nothing. */
import type { Page } from 'playwright-core';

/**
 * One look: what went down or came up, where, and which card was on the screen since when, by the page's own clock.
 * `card` is the mark in the visible arguments; empty while no card with an Approve button is shown.
 */
export type Look = {
  at: number;
  what: 'pointerdown' | 'pointerup' | 'keydown' | 'keyup';
  key: string;
  repeat: boolean;
  onApprove: boolean;
  card: string;
  /** Since when that card has been there without a change and with the window's focus; null while away. */
  since: number | null;
};

/** A verdict that the page began to send, after so many looks: the last of them is what made it. */
export type Sent = { url: string; after: number };

export type Observation = { looks: Look[]; sent: Sent[] };

/** Puts the observer into the page before its own code runs, at every load. */
export async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const observation: Observation = { looks: [], sent: [] };
    Object.assign(globalThis, { observation });
    let card = '';
    let shown: Element | null = null;
    let since: number | null = null;
    const attended = () => document.visibilityState === 'visible' && document.hasFocus();
    const look = () => {
      // Each step of a request is drawn into a main of its own.
      const main = document.querySelector('main');
      const mark = /mark-\d+-\d+/.exec(main?.textContent ?? '')?.[0] ?? '';
      const now = document.querySelector('button.approve') ? mark : '';
      if (now === card && main === shown) return;
      card = now;
      shown = main;
      since = attended() ? performance.now() : null;
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    addEventListener('blur', () => {
      since = null;
    });
    addEventListener('focus', () => {
      if (attended()) since ??= performance.now();
    });
    const note = (event: Event) => {
      look();
      const key = event instanceof KeyboardEvent ? event.key : 'pointer';
      const what = event.type;
      if (what !== 'pointerdown' && what !== 'pointerup' && what !== 'keydown' && what !== 'keyup') return;
      observation.looks.push({
        at: performance.now(),
        what,
        key,
        repeat: event instanceof KeyboardEvent && event.repeat,
        onApprove: event.target instanceof Element && event.target.closest('button.approve') !== null,
        card,
        since,
      });
    };
    for (const type of ['pointerdown', 'pointerup', 'keydown', 'keyup']) addEventListener(type, note, true);
    // The page sends within the event that decides, so the order says which one that was, however slow the machine is.
    const send = globalThis.fetch;
    globalThis.fetch = (target, init) => {
      const url = String(target);
      if (url.endsWith('/decision')) observation.sent.push({ url, after: observation.looks.length });
      return send(target, init);
    };
  });
}

/** Everything seen since the page was loaded. */
export function observationOf(page: Page): Promise<Observation> {
  return page.evaluate((): Observation => Reflect.get(globalThis, 'observation'));
}

/**
 * Shuts the ways out of the popup (the panel, the page, batches, Disconnect), which a blind Tab and Enter would find: what is
 * tried is how to approve, not how to leave.
 */
export async function shutWaysOut(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const isWayOut = (target: EventTarget | null) =>
      target instanceof Element && target.closest('header button, header .alike, nav button') !== null;
    addEventListener('click', (event) => isWayOut(event.target) && event.stopImmediatePropagation(), true);
  });
}
