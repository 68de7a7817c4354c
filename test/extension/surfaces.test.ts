/// <reference types="chrome" />
/** Connecting, the queue, the badge and the worker, in real Chromium against a real intake. */
import { createServer } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const debuggingPort = await freePort();
const { intake, browser } = await review({
  connected: false,
  browser: { args: [`--remote-debugging-port=${debuggingPort}`] },
});

const inWorker = async <T>(work: () => Promise<T>): Promise<T> => {
  const worker = browser.context.serviceWorkers()[0] ?? (await browser.context.waitForEvent('serviceworker'));
  return worker.evaluate(work);
};
const badge = () => inWorker(() => chrome.action.getBadgeText({}));
const notices = () => inWorker(async () => Object.keys(await chrome.notifications.getAll()));

/** A page that the browser opened by itself; such pages only show to whoever connects after they have. */
async function realPage(name: string): Promise<Page> {
  const found = async () => {
    const listed = await (await fetch(`http://127.0.0.1:${debuggingPort}/json`)).json();
    return (listed as { url: string }[]).some(({ url }) => url.includes(name));
  };
  await expect.poll(found).toBe(true);
  const seen = await chromium.connectOverCDP(`http://127.0.0.1:${debuggingPort}`);
  const page = seen
    .contexts()[0]
    ?.pages()
    .find((candidate) => candidate.url().includes(name));
  if (!page) throw new Error(`the browser shows no ${name}`);
  return page;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

// The order matters: this file is one reviewer's day, from signed out to signed out.
describe('before connecting', () => {
  test('the badge asks for attention: not connected is not zero', async () => {
    await expect.poll(badge).toBe('!');
  });

  test('a wrong code, a wrong address and a server that is away each say what to do', async () => {
    const page = await browser.open('popup');
    const address = page.getByLabel('Server address or pairing link');
    const button = page.getByRole('button', { name: 'Connect' });
    await address.fill('javascript:alert(1)');
    await button.click();
    await page.getByText('This is not an address').waitFor();
    await address.fill(intake.url);
    await button.click();
    await page.getByText('The one-time code is missing').waitFor();
    await page.getByLabel('One-time code').fill('WRONG-WRONG');
    await button.click();
    await page.getByText('This code is wrong, used or expired').waitFor();
    await address.fill('http://127.0.0.1:9');
    await page.getByLabel('One-time code').fill('WRONG-WRONG');
    await button.click();
    await page.getByText('The server does not answer').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  test('a link to a card survives signing in', async () => {
    const id = await intake.propose('orders.process_refund', refund());
    const page = await browser.open('card', `#/request/${id}`);
    await page.getByLabel('Server address or pairing link').fill(`${intake.url}/#pair=${intake.pairCode}`);
    await page.getByText('The link holds the code.').waitFor();
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
    await intake.cancel(id);
  });
});

describe('the queue', () => {
  test('opens a popup on the most urgent request, and J and K go through the rest', async () => {
    const low = await intake.propose('crm.update_note', { note: 'later' });
    const high = await intake.propose('orders.process_refund', refund());
    await expect.poll(badge).toBe('2');
    const page = await browser.open('popup');
    await page.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'Update note' }).waitFor();
    await page.keyboard.press('k');
    await page.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
    await page.getByRole('link', { name: '2 waiting' }).click();
    await page.getByRole('list', { name: 'Queue' }).getByRole('link').nth(1).waitFor();
    await intake.cancel(low);
    await intake.cancel(high);
    await page.getByText('Nothing waits for you.').waitFor();
    await expect.poll(badge).toBe('');
  });

  test('is live: what arrives shows by itself on every surface', async () => {
    const pages = await Promise.all([
      browser.open('popup', '#/'),
      browser.open('sidepanel', '#/'),
      browser.open('card'),
    ]);
    for (const page of pages) await page.getByText('live', { exact: true }).waitFor();
    const id = await intake.propose('crm.update_note', { note: 'news' });
    for (const page of pages) await page.getByRole('link', { name: /Update note/ }).waitFor();
    await intake.cancel(id);
    for (const page of pages) await page.getByText('Nothing waits for you.').waitFor();
  });

  test('longer than a page shows the rest when asked, and keeps it there', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, i) => intake.propose('crm.update_note', { note: `n${i}` })),
    );
    const page = await browser.open('popup', '#/');
    const rows = page.getByRole('list', { name: 'Queue' }).getByRole('link');
    await page.getByRole('link', { name: '60 waiting' }).waitFor();
    await expect.poll(() => rows.count()).toBe(50);
    await page.getByRole('button', { name: 'Show more (10)' }).click();
    await expect.poll(() => rows.count()).toBe(60);
    await intake.cancel(ids.pop() ?? '');
    await page.getByRole('link', { name: '59 waiting' }).waitFor();
    await expect.poll(() => rows.count()).toBe(59);
    await Promise.all(ids.map((id) => intake.cancel(id)));
    await page.getByText('Nothing waits for you.').waitFor();
  });

  test('says since when it is old while the server is away, and comes back by itself', async () => {
    const id = await intake.propose('crm.update_note', { note: 'still there' });
    const page = await browser.open('popup', '#/');
    await page.getByRole('link', { name: /Update note/ }).waitFor();
    await intake.pause();
    await page.getByText(/^offline, /).waitFor();
    await page.getByRole('link', { name: /Update note/ }).waitFor();
    await expect.poll(badge).toBe('!');
    await intake.resume();
    await page.getByText('live', { exact: true }).waitFor();
    await expect.poll(badge).toBe('1');
    await intake.cancel(id);
  }, 60_000);
});

describe('the worker', () => {
  test('notifies from the tier on that interrupts, names no argument, and opens the exact card', async () => {
    await expect.poll(notices).toEqual([]);
    const low = await intake.propose('crm.update_note', { note: 'quiet' });
    await expect.poll(badge).toBe('1');
    expect(await notices()).toEqual([]);
    const high = await intake.propose('orders.process_refund', refund());
    await expect.poll(notices).toEqual([`request:${high}`]);
    const opened = browser.context.waitForEvent('page');
    await inWorker(async () => {
      const [id = ''] = Object.keys(await chrome.notifications.getAll());
      // Chrome dispatches a click like this; its types leave that out.
      const clicked: object = chrome.notifications.onClicked;
      if ('dispatch' in clicked && typeof clicked.dispatch === 'function') clicked.dispatch(id);
    });
    const page = await opened;
    await page.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
    expect(page.url()).toContain(`/card.html#/request/${high}`);
    await intake.cancel(low);
    await intake.cancel(high);
    await expect.poll(notices).toEqual([]);
  });

  test('stays silent while a surface is before the reviewer’s eyes', async () => {
    const page = await browser.open('popup', '#/');
    const id = await intake.propose('orders.process_refund', refund());
    await page.getByRole('link', { name: /Refund/ }).waitFor();
    await expect.poll(badge).toBe('1');
    expect(await notices()).toEqual([]);
    await intake.cancel(id);
  });

  test('put to sleep, it is woken by a push, and reads for itself what happened', async () => {
    const page = await browser.context.newPage();
    // A page of the extension that runs none of its code, and so wakes nobody.
    await page.goto(`chrome-extension://${browser.id}/manifest.json`);
    const badgeSeenFrom = () => page.evaluate(() => chrome.action.getBadgeText({}));
    await expect.poll(badgeSeenFrom).toBe('');
    const session = await browser.context.newCDPSession(page);
    const registration = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations;
        if (first) resolve(first.registrationId);
      });
    });
    await session.send('ServiceWorker.enable');
    const registrationId = await registration;
    await session.send('ServiceWorker.stopAllWorkers');
    const id = await intake.propose('crm.update_note', { note: 'pushed' });
    await session.send('ServiceWorker.deliverPushMessage', {
      origin: `chrome-extension://${browser.id}`,
      registrationId,
      data: '',
    });
    await expect.poll(badgeSeenFrom, { timeout: 5_000 }).toBe('1');
    await intake.cancel(id);
    await page.close();
  });

  test('law 11: killed in the middle of an edit it loses nothing and decides nothing', async () => {
    const id = await intake.propose('orders.process_refund', refund());
    const page = await browser.open('popup', `#/request/${id}/edit`);
    await page.getByLabel('Amount').fill('99');
    const session = await browser.context.newCDPSession(page);
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await page.reload();
    await expect.poll(() => page.getByLabel('Amount').inputValue()).toBe('99');
    expect((await intake.read(id)).status).toBe('pending');
    await page.getByText('still high, 1 approval').waitFor();
    await page.getByRole('button', { name: 'Look it over' }).click();
    await page.getByRole('button', { name: 'Approve €99' }).click();
    await page.getByText('Edited and approved by You').waitFor();
    expect((await intake.read(id)).args.amount).toBe(99);
  });
});

describe('the toolbar’s own popup and the side panel', () => {
  test('show the card, one opening the other', async () => {
    const id = await intake.propose('orders.process_refund', refund());
    await expect.poll(badge).toBe('1');
    await inWorker(() => chrome.action.openPopup());
    const popup = await realPage('popup.html');
    await popup.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
    await popup.getByRole('button', { name: 'Open in the side panel' }).click();
    const panel = await realPage('sidepanel.html');
    await panel.getByRole('button', { name: 'Approve €2,400' }).click();
    await panel.getByText('Approved by You').waitFor();
    expect((await intake.read(id)).status).toBe('approved');
    expect(await seriousFaults(panel)).toEqual([]);
  });
});

describe('for everyone', () => {
  test.each(['light', 'dark'] as const)('axe finds nothing serious on any page, %s', async (colorScheme) => {
    const id = await intake.propose('orders.process_refund', refund(), {
      reason: 'Two captures.',
      preview: { affected: 'one customer' },
      context: { order_total: 129 },
    });
    const transfer = await intake.propose('bank.transfer', { iban: 'DE1', note: 'a\u202Eb' });
    const places = [
      ['popup', '#/'],
      ['popup', `#/request/${id}`],
      ['popup', `#/request/${id}/edit`],
      ['popup', `#/request/${id}/reject`],
      ['sidepanel', `#/request/${transfer}`],
      ['card', `#/request/${id}`],
    ] as const;
    for (const [name, hash] of places) {
      const page = await browser.open(name, hash);
      await page.emulateMedia({ colorScheme });
      await page.locator('.card:visible, ul.queue:visible').first().waitFor();
      if (hash.endsWith(id)) await page.locator('.approve.ready').waitFor();
      expect(await seriousFaults(page), `${name}${hash}`).toEqual([]);
      await page.close();
    }
    await intake.cancel(id);
    await intake.cancel(transfer);
  });
});

describe('a key that was revoked', () => {
  test('is said as such, and the badge does not pretend that nothing waits', async () => {
    const page = await browser.open('popup', '#/');
    await page.getByText('live', { exact: true }).waitFor();
    const { body } = await intake.asAdmin('GET', '/v1/keys');
    const { items } = body as { items: { id: string; owner: string; revoked_at?: string }[] };
    for (const { id } of items.filter(({ owner }) => owner === 'ann'))
      await intake.asAdmin('DELETE', `/v1/keys/${id}`);
    await page.getByText('The server no longer takes this browser’s key.').waitFor();
    await expect.poll(badge).toBe('!');
  });
});

describe('disconnecting', () => {
  test('forgets everything of the server', async () => {
    const page = await browser.open('popup', '#/');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('heading', { name: 'Connect to Countersign' }).waitFor();
    await expect.poll(() => inWorker(async () => Object.keys(await chrome.storage.local.get()))).toEqual([]);
    await expect.poll(badge).toBe('!');
  });
});
