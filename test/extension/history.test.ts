/** History and search: what is found, where one comes back to, and thousands of lines. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from './browser.ts';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review({ connected: false });
const ids: string[] = [];

beforeAll(async () => {
  for (let n = 0; n < 230; n += 1) ids.push(await intake.propose('crm.update_note', { note: `note ${n}` }));
  const kept = await intake.propose('orders.process_refund', refund());
  const { version, args_digest } = await intake.read(kept);
  await intake.asLead('POST', `/v1/requests/${kept}/decision`, {
    verdict: 'reject',
    reason: 'Not this quarter',
    seen: { version, args_digest },
  });
  await connect(browser, intake);
});

const list = (page: Page) => page.getByRole('list', { name: 'History' });
const lines = (page: Page) => list(page).getByRole('link');
const place = (page: Page) => page.evaluate(() => location.hash);
const scrolled = (page: Page) => page.locator('.found-box').evaluate((box) => box.scrollTop);

describe('searching', () => {
  test('finds by words, says what became of each, and stands in the address', async () => {
    const page = await browser.open('card', '#/history');
    await page.getByText('100 so far, newest first').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('this quarter');
    await page.getByText('1 request', { exact: true }).waitFor();
    const line = lines(page).first();
    expect(await line.innerText()).toMatch(/Refund €2,400\.00.*Rejected/s);
    expect(await line.innerText()).toContain('by bo');
    // The last letters are searched for a moment after they were typed.
    await expect.poll(() => place(page)).toBe('#/history?q=this+quarter');
  });

  test('by filters, which a shared link brings along and Back takes away', async () => {
    const page = await browser.open('card', '#/history?status=rejected&tier=high');
    await page.getByText('1 request', { exact: true }).waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('rejected');
    await page.getByLabel('Tier').selectOption('low');
    await page.getByText('Nothing matches.').waitFor();
    await page.goBack();
    await page.getByText('1 request', { exact: true }).waitFor();
    await page.getByLabel('Agent').fill('nobody');
    await page.getByLabel('Agent').press('Enter');
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByText('100 so far').waitFor();
    expect(await place(page)).toBe('#/history');
  });

  test('that gets no answer says so, and goes on when asked', async () => {
    const page = await browser.open('card', '#/history');
    await page.getByText('100 so far').waitFor();
    await intake.pause();
    await page.getByText('Filters').click();
    await page.getByLabel('Status').selectOption('rejected');
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    await intake.resume();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('1 request', { exact: true }).waitFor();
  }, 60_000);
});

describe('the lines', () => {
  test('are read further as they are scrolled, and only those in sight are drawn', async () => {
    const page = await browser.open('card', '#/history');
    await page.getByText('100 so far').waitFor();
    await expect
      .poll(async () => {
        await page.locator('.found-box').evaluate((box) => box.scrollTo(0, box.scrollHeight));
        return page.getByText('231 requests, newest first').isVisible();
      })
      .toBe(true);
    expect(await lines(page).count()).toBeLessThan(60);
    await page.locator('.found-box').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.locator(`[data-id="${ids[0]}"]`).waitFor();
  });

  test('lead to the card, and Back returns to the same line at the same place', async () => {
    const page = await browser.open('card', '#/history?tool=crm.update_note');
    await page.getByText('100 so far').waitFor();
    await page.locator('.found-box').evaluate((box) => box.scrollTo(0, 3_000));
    const line = page.locator(`[data-id="${ids.at(-52)}"]`);
    await line.click();
    await page.getByRole('heading', { name: 'Update note' }).waitFor();
    await intake.cancel(ids.at(-52) ?? '');
    await page.getByText('Withdrawn').first().waitFor();
    await page.goBack();
    await line.waitFor();
    expect(await scrolled(page)).toBe(3_000);
    await expect.poll(() => line.innerText()).toContain('Withdrawn');
    expect(await line.evaluate((link) => link === document.activeElement)).toBe(true);
  });

  test('go by J and K, and Enter opens one', async () => {
    const page = await browser.open('popup', '#/history?tool=crm.update_note');
    await page.getByText('100 so far').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-id'));
    await page.keyboard.press('j');
    await expect.poll(focused).toBe(ids.at(-1));
    for (let n = 0; n < 20; n += 1) await page.keyboard.press('j');
    await expect.poll(focused).toBe(ids.at(-21));
    await page.keyboard.press('k');
    await expect.poll(focused).toBe(ids.at(-20));
    await page.keyboard.press('Enter');
    await expect.poll(() => place(page)).toBe(`#/request/${ids.at(-20)}`);
  });
});

describe.each(['light', 'dark'] as const)('for everyone, %s', (colorScheme) => {
  test.each([
    ['popup', '#/history'],
    ['card', '#/history?status=pending'],
    ['popup', '#/settings'],
    ['card', '#/settings'],
  ] as const)('axe finds nothing serious on %s %s', async (name, hash) => {
    const page = await browser.open(name, hash);
    await page.emulateMedia({ colorScheme });
    await page.getByText(hash === '#/settings' ? 'Saved for you' : 'so far, newest first').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });
});
