/** The palette, the keys, and what they may not do. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { best, closeness } from '../../extension/palette/match.ts';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review();

describe('what is typed', () => {
  test('fits the beginnings of words before what is scattered', () => {
    expect(closeness('', 'Approve')).toBe(0);
    expect(closeness('zz', 'Approve')).toBeNull();
    expect(closeness('hist', 'History')).toBeGreaterThan(closeness('hist', 'this store') ?? 0);
    expect(closeness('nr', 'Next request')).not.toBeNull();
    expect(closeness('refund anna', 'Refund €5 to anna@acme.com')).not.toBeNull();
    expect(closeness('refund bob', 'Refund €5 to anna@acme.com')).toBeNull();
  });

  test('finds the best first, and keeps the order of those that fit as well', () => {
    const items = ['Reject', 'Previous request', 'Read again', 'Next request'].map((label) => ({ label }));
    expect(best('re', items, 9).map(({ label }) => label)).toEqual([
      'Reject',
      'Previous request',
      'Read again',
      'Next request',
    ]);
    expect(best('request', items, 1)).toEqual([{ label: 'Previous request' }]);
  });
});

describe('in the browser', () => {
  let first: string;
  let second: string;

  beforeAll(async () => {
    first = await intake.propose('orders.process_refund', refund());
    second = await intake.propose('crm.update_note', { note: 'call back' });
  });
  const place = (page: Page) => page.evaluate(() => location.hash);
  const box = (page: Page) => page.getByRole('combobox', { name: 'Commands and requests' });
  const options = async (page: Page) => (await page.getByRole('option').allInnerTexts()).join('\n');

  test('Ctrl+K lists what can be done now, and goes to a page by its name', async () => {
    const page = await browser.open('popup', `#/request/${first}`);
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.press('Control+k');
    await box(page).waitFor();
    for (const said of ['Reject', 'Edit', 'Approve €2,400', 'Next request', 'Skip', 'History', 'Update note'])
      expect(await options(page)).toContain(said);
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.type('hist');
    await page.keyboard.press('Enter');
    await expect.poll(() => place(page)).toBe('#/history');
    await page.keyboard.press('Control+k');
    await box(page).waitFor();
    expect(await options(page)).not.toContain('Approve');
    await page.keyboard.type('refund');
    await page.keyboard.press('Enter');
    await expect.poll(() => place(page)).toBe(`#/request/${first}`);
  });

  test('what is typed before it is there is meant for it, and decides nothing', async () => {
    const page = await browser.open('popup', `#/request/${second}`);
    await page.locator('.approve.ready').waitFor();
    await page.evaluate(async () => {
      const key = (type: string, key: string, ctrlKey = false) =>
        document.body.dispatchEvent(new KeyboardEvent(type, { key, ctrlKey, bubbles: true }));
      key('keydown', 'k', true);
      // As soon as a next key can come.
      await new Promise((resolve) => setTimeout(resolve));
      for (const typed of ['a', 'a', 'r', 'e']) {
        key('keydown', typed);
        key('keyup', typed);
      }
    });
    await box(page).waitFor();
    await page.keyboard.press('Escape');
    await box(page).waitFor({ state: 'detached' });
    await page.locator('.approve.ready').waitFor();
    expect(await place(page)).toBe(`#/request/${second}`);
    expect((await intake.read(second)).status).toBe('pending');
  });

  test('arrows choose, Escape leaves everything as it was', async () => {
    const page = await browser.open('popup', `#/request/${second}`);
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.press('Control+k');
    await box(page).waitFor();
    const active = () => box(page).getAttribute('aria-activedescendant');
    const before = await active();
    await page.keyboard.press('ArrowDown');
    expect(await active()).not.toBe(before);
    await page.keyboard.press('ArrowUp');
    expect(await active()).toBe(before);
    await page.keyboard.type('nothing is called this');
    await page.getByText('Nothing like that can be done here.').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await box(page).waitFor({ state: 'detached' });
    expect(await place(page)).toBe(`#/request/${second}`);
  });

  test('Approve in the palette is a way to the button, not the press on it', async () => {
    const page = await browser.open('popup', `#/request/${second}`);
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.press('Control+k');
    await box(page).waitFor();
    await page.keyboard.type('approve');
    await page.keyboard.press('Enter');
    await box(page).waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.classList.contains('approve')))
      .toBe(true);
    expect((await intake.read(second)).status).toBe('pending');
  });

  test('S puts a request off, goes on to the next, and the popup does not begin with it', async () => {
    const page = await browser.open('popup');
    await expect.poll(() => place(page)).toBe(`#/request/${first}`);
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.press('s');
    await expect.poll(() => place(page)).toBe(`#/request/${second}`);
    const again = await browser.open('popup');
    await expect.poll(() => place(again)).toBe(`#/request/${second}`);
    await again.keyboard.press('s');
    // All are put off: back to the list, where nothing is hidden.
    await expect.poll(() => place(again)).toBe('#/');
    await again.getByRole('list', { name: 'Queue' }).getByRole('link').nth(1).waitFor();
    expect((await intake.read(first)).status).toBe('pending');
  });

  test('every button that has a key names it to a screen reader and in its tooltip', async () => {
    const page = await browser.open('popup', `#/request/${first}`);
    await page.locator('.approve.ready').waitFor();
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('button')]
        .filter((button) => button.querySelector('kbd'))
        .filter((button) => !button.title || !button.getAttribute('aria-keyshortcuts'))
        .map((button) => button.innerText),
    );
    expect(unnamed).toEqual([]);
    await page.keyboard.press('?');
    for (const key of ['S', 'Ctrl K', '/'])
      await page.locator('dialog kbd', { hasText: key }).first().waitFor();
  });
});
