/** Settings, and what a browser does by them: notifications, and cards that open themselves. */
import { createServer } from 'node:net';
import type { Preferences } from '@countersign/shared/contracts';
import { chromium, type Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { refund } from './intake.ts';
import { review } from './review.ts';

const debuggingPort = await freePort();
const { intake, browser } = await review({
  browser: { args: [`--remote-debugging-port=${debuggingPort}`] },
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

const inWorker = async <T>(work: () => Promise<T>): Promise<T> => {
  const worker = browser.context.serviceWorkers()[0] ?? (await browser.context.waitForEvent('serviceworker'));
  return worker.evaluate(work);
};
const notices = () => inWorker(async () => Object.keys(await chrome.notifications.getAll()));
const kept = () =>
  inWorker(
    async () => (await chrome.storage.local.get('preferences')).preferences as Preferences | undefined,
  );

async function openSettings(): Promise<Page> {
  const page = await browser.open('popup', '#/settings');
  await page.getByText('Saved for you').waitFor();
  return page;
}
const saved = (page: Page) => page.getByRole('status').getByText('Saved for you').waitFor();

describe('settings', () => {
  test('say in words what will interrupt, and are this person’s on every browser', async () => {
    const page = await openSettings();
    await page.getByText('You are notified at once of high and critical requests.').waitFor();
    await page.getByLabel('Notify me at once').selectOption('medium');
    await page.getByText('You are notified at once of medium, high, and critical requests.').waitFor();
    await page.getByRole('button', { name: 'Add quiet hours' }).click();
    await page.getByLabel('Quiet from').fill('22:00');
    await page.getByRole('button', { name: 'Sunday' }).click();
    await page.getByRole('button', { name: 'Add a time' }).click();
    await page.getByText('Between 22:00–08:00 only critical requests interrupt.').waitFor();
    await page.getByText('The digest at 09:00 gathers low requests.').waitFor();
    await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
    await saved(page);
    await expect.poll(kept).toMatchObject({
      channels: { low: [], medium: ['push'], high: ['push', 'email'], critical: ['push', 'email'] },
      quiet_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '22:00', to: '08:00' }],
      digest_at: ['09:00'],
      time_zone: 'Asia/Tokyo',
    });
    const again = await browser.open('card', '#/settings');
    await again.getByText('Between 22:00–08:00 only critical requests interrupt.').waitFor();
    await again.getByRole('button', { name: 'Remove 22:00–08:00' }).click();
    await again.getByRole('button', { name: 'Remove 09:00' }).click();
    await again.getByLabel('Notify me at once').selectOption('high');
    await saved(again);
    await expect.poll(kept).toMatchObject({ quiet_hours: [], digest_at: [] });
  });

  test('that cannot be saved stay on the screen and say so', async () => {
    const page = await openSettings();
    await intake.pause();
    await page.getByLabel('Sound').uncheck();
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    expect(await page.getByLabel('Sound').isChecked()).toBe(false);
    await intake.resume();
    await page.getByRole('button', { name: 'Try again' }).click();
    await saved(page);
    await expect.poll(kept).toMatchObject({ sound: false });
  }, 60_000);
});

describe('a notification', () => {
  test('comes from the tier on that was chosen, and can be put off but not approved', async () => {
    const page = await openSettings();
    await page.getByLabel('Notify me at once').selectOption('critical');
    await saved(page);
    await page.close();
    const high = await intake.propose('orders.process_refund', refund());
    await expect.poll(() => inWorker(() => chrome.action.getBadgeText({}))).toBe('1');
    expect(await notices()).toEqual([]);
    const critical = await intake.propose('db.drop_table', { table: 'a' });
    await expect.poll(notices).toEqual([`request:${critical}`]);
    await inWorker(async () => {
      const [id = ''] = Object.keys(await chrome.notifications.getAll());
      // Chrome dispatches a click on a button like this; its types leave that out.
      const pressed: object = chrome.notifications.onButtonClicked;
      if ('dispatch' in pressed && typeof pressed.dispatch === 'function') pressed.dispatch(id, 1);
    });
    await expect.poll(notices).toEqual([]);
    await expect
      .poll(() => inWorker(async () => Object.keys((await chrome.storage.session.get('later')).later ?? {})))
      .toEqual([critical]);
    expect((await intake.read(critical)).verdicts).toEqual([]);
    await intake.cancel(high);
    await intake.cancel(critical);
  });
});

test('policy that asks for push interrupts at a tier that was not chosen', async () => {
  const low = await intake.propose('crm.update_note', { note: 'quiet' });
  await expect.poll(() => inWorker(() => chrome.action.getBadgeText({}))).toBe('1');
  expect(await notices()).toEqual([]);
  const watched = await intake.propose('crm.watch_note', { note: 'loud' });
  await expect.poll(notices).toEqual([`request:${watched}`]);
  await intake.cancel(low);
  await intake.cancel(watched);
  await expect.poll(notices).toEqual([]);
});

describe('a card', () => {
  test('D10: opens itself from the tier on that was chosen, and takes no key that was meant for something else', async () => {
    const page = await openSettings();
    await page.getByLabel('Open the card by itself').selectOption('critical');
    await saved(page);
    await expect.poll(kept).toMatchObject({ opens_from: 'critical' });
    await page.close();
    const id = await intake.propose('db.drop_table', { table: 'b' });
    const popup = await ownPopup();
    await popup.getByRole('heading', { name: 'Drop table' }).waitFor();
    expect(popup.url()).toContain(`#/request/${id}`);
    expect(await notices()).toEqual([]);
    // Someone types on: `r` would open the rejection.
    await popup.keyboard.type('a rare error', { delay: 30 });
    expect(popup.url()).toMatch(new RegExp(`#/request/${id}$`));
    expect((await intake.read(id)).verdicts).toEqual([]);
    // Once the typing has paused, keys are the card's.
    await expect
      .poll(
        async () => {
          await popup.keyboard.press('r');
          return popup.url();
        },
        // A key is part of the typing until there has been a pause, so this asks less often than that.
        { timeout: 20_000, interval: 2_000 },
      )
      .toMatch(/\/reject$/);
    await intake.cancel(id);
  }, 60_000);
});

/** The toolbar's own popup; such pages only show to whoever connects after they have opened. */
async function ownPopup(): Promise<Page> {
  const listed = async () =>
    (await (await fetch(`http://127.0.0.1:${debuggingPort}/json`)).json()) as { url: string }[];
  await expect.poll(async () => (await listed()).some(({ url }) => url.includes('popup.html'))).toBe(true);
  const seen = await chromium.connectOverCDP(`http://127.0.0.1:${debuggingPort}`);
  const popup = seen
    .contexts()[0]
    ?.pages()
    .find((page) => page.url().includes('popup.html'));
  if (!popup) throw new Error('the browser shows no popup');
  return popup;
}
