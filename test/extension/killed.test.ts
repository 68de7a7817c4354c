/**
 * The browser may kill the extension's service worker at any moment. Killed in the middle of each step it loses nothing
 * and decides nothing (laws 9 and 11).
 */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { refund } from './intake.ts';
import { review } from './review.ts';

// The second page is the one that kills.
const { intake, browser } = await review({ connected: false, keep: 2 });
let kill: () => Promise<void>;
let bystander: string;

beforeAll(async () => {
  kill = await workerKiller();
});

/** Stops the worker as the browser does whenever it likes; resolves when it has stopped. */
async function workerKiller(): Promise<() => Promise<void>> {
  const page = await browser.context.newPage();
  // A page of the extension that runs none of its code.
  await page.goto(`chrome-extension://${browser.id}/manifest.json`);
  const session = await browser.context.newCDPSession(page);
  let stops = 0;
  session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { runningStatus } of versions) if (runningStatus === 'stopped') stops += 1;
  });
  await session.send('ServiceWorker.enable');
  return async () => {
    const before = stops;
    await session.send('ServiceWorker.stopAllWorkers');
    await expect.poll(() => stops).toBeGreaterThan(before);
  };
}

const status = async (id: string) => (await intake.read(id)).status;
const card = async (tool: string, args: JsonObject, step = '') => {
  const id = await intake.propose(tool, args);
  const page = await browser.open('popup', `#/request/${id}${step}`);
  await page.getByRole('article').waitFor();
  return { id, page };
};

/** Holds back the calls that end like this until they are let go, and says when the first has come. */
async function holdBack(page: Page, ending: string) {
  const come = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await page.route(`**${ending}`, async (route) => {
    come.resolve();
    await gate.promise;
    await route.continue();
  });
  return { come: come.promise, letGo: () => gate.resolve() };
}

describe('killed in the middle of', () => {
  // In this order: the reviewer has to be connected for the rest.
  test('pairing, the worker that follows carries it out', async () => {
    const page = await browser.open('card');
    await page.getByLabel('Server address or pairing link').fill(`${intake.url}/#pair=${intake.pairCode}`);
    // While nobody answers, the pairing can only be half done.
    await intake.pause();
    await page.getByRole('button', { name: 'Connect' }).click();
    await kill();
    await intake.resume();
    const connect = page.getByRole('button', { name: 'Connect', exact: true });
    const connected = page.getByRole('button', { name: 'Disconnect' });
    await connected.or(connect).first().waitFor();
    // Whoever was faster: it is done, or the form still holds what was typed.
    if (!(await connected.isVisible())) await connect.click();
    await connected.waitFor();
    bystander = await intake.propose('orders.process_refund', refund());
  });

  test('an arrival, it is shown to whoever looks', async () => {
    await kill();
    const id = await intake.propose('crm.update_note', { note: 'while it slept' });
    const page = await browser.open('popup', '#/');
    await page.getByRole('link', { name: /Update note/ }).waitFor();
    await expect.poll(() => page.evaluate(() => chrome.action.getBadgeText({}))).toBe('2');
    await intake.cancel(id);
  });

  test('opening a card, the card is shown', async () => {
    const id = await intake.propose('crm.update_note', { note: 'opening' });
    const page = await browser.context.newPage();
    await Promise.all([kill(), page.goto(`chrome-extension://${browser.id}/popup.html#/request/${id}`)]);
    await page.locator('.approve.ready').waitFor();
    expect(await status(id)).toBe('pending');
    await intake.cancel(id);
  });

  test('an edit, what was typed is there, here and in a popup that opens anew', async () => {
    const { id, page } = await card('orders.process_refund', refund(), '/edit');
    await page.getByLabel('Amount').fill('99');
    await kill();
    expect(await page.getByLabel('Amount').inputValue()).toBe('99');
    await page.close();
    await kill();
    const again = await browser.open('popup', `#/request/${id}/edit`);
    await expect.poll(() => again.getByLabel('Amount').inputValue()).toBe('99');
    expect(await status(id)).toBe('pending');
    await intake.cancel(id);
  });

  test('an approval, it arrives once', async () => {
    const { id, page } = await card('crm.update_note', { note: 'approve me' });
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/decision')) sent.push(request.url());
    });
    const { come, letGo } = await holdBack(page, '/decision');
    await page.getByRole('button', { name: 'Approve' }).click();
    await come;
    await kill();
    expect(await status(id)).toBe('pending');
    letGo();
    await page.getByText('Approved by You').waitFor();
    expect(await intake.read(id)).toMatchObject({ status: 'approved', verdicts: [{ reviewer: 'ann' }] });
    expect(sent).toHaveLength(1);
  });

  test('a hold and its undo, every surface still counts down and the undo arrives', async () => {
    const { id, page } = await card('bank.transfer', { iban: 'DE1', amount: 5 });
    await page.getByLabel('I have checked this').check();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved. Runs in').waitFor();
    await kill();
    await page.close();
    const later = await browser.open('popup', '#/');
    await later.getByText('Approved. Runs in').waitFor();
    const { come, letGo } = await holdBack(later, '/undo');
    await later.keyboard.press('z');
    await come;
    await kill();
    letGo();
    await later.getByText('Approved. Runs in').waitFor({ state: 'detached' });
    const request = await intake.read(id);
    expect(request).toMatchObject({ status: 'pending', verdicts: [] });
    expect(request.release_at).toBeUndefined();
    await intake.cancel(id);
  });

  test('a rejection, it arrives once, with its reason', async () => {
    const { id, page } = await card('orders.process_refund', refund(), '/reject');
    await page.getByLabel('Reason').fill('Not this one.');
    const { come, letGo } = await holdBack(page, '/decision');
    await page.locator('.reject.ready').waitFor();
    await page.keyboard.press('Control+Enter');
    await come;
    await kill();
    expect(await status(id)).toBe('pending');
    letGo();
    await page.getByText('Rejected by You').waitFor();
    expect(await intake.read(id)).toMatchObject({
      status: 'rejected',
      decision: { reason: 'Not this one.' },
    });
  });

  test('coming back to the server, it is live again and has what happened meanwhile', async () => {
    const page = await browser.open('popup', '#/');
    await page.getByText('live', { exact: true }).waitFor();
    await intake.pause();
    await page.getByText(/^offline, /).waitFor();
    await kill();
    await intake.resume();
    const id = await intake.propose('crm.update_note', { note: 'meanwhile' });
    const fresh = await browser.open('popup', '#/');
    await fresh.getByText('live', { exact: true }).waitFor();
    await fresh.getByRole('link', { name: /Update note/ }).waitFor();
    await page.getByRole('link', { name: /Update note/ }).waitFor();
    await intake.cancel(id);
  }, 60_000);

  test('all of it, what nobody decided waits as it was', async () => {
    expect(await intake.read(bystander)).toMatchObject({ status: 'pending', version: 1, verdicts: [] });
  });
});
