/** For everyone: without a mouse, at 200% zoom, in forced colours. Real Chromium against a real intake. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review({ connected: false });

/** Tab until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press('Tab');
    const called = await page.evaluate(() => {
      const focused = document.activeElement;
      const labels = focused instanceof HTMLInputElement ? [...(focused.labels ?? [])] : [];
      // At the end of its round the focus is nowhere, which is the body with all its text.
      if (focused === document.body) return '';
      return [focused, ...labels].map((part) => part?.textContent ?? '').join(' ');
    });
    if (name.test(called)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

// First in this file: it begins with an empty profile and leaves the browser connected.
test('a day without a mouse: connect, read, edit, approve, undo, reject', async () => {
  const page = await browser.open('card');
  await page.getByRole('heading', { name: 'Connect to Countersign' }).waitFor();
  await tabTo(page, /Server address/);
  await page.keyboard.type(`${intake.url}/#pair=${intake.pairCode}`);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Disconnect' }).waitFor();
  await page.close();

  const args = refund();
  const edited = await intake.propose('orders.process_refund', args);
  const popup = await browser.open('popup');
  await popup.getByRole('link', { name: '1 waiting' }).waitFor();
  await popup.keyboard.press('j');
  await popup.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
  await popup.locator('.approve.ready').waitFor();
  await popup.keyboard.press('e');
  await popup.getByLabel('Amount').waitFor();
  await tabTo(popup, /Amount/);
  await popup.keyboard.press('Control+a');
  await popup.keyboard.type('129');
  await popup.getByText('still high, 1 approval').waitFor();
  await popup.keyboard.press('Control+Enter');
  await popup.locator('ins').getByText('€129.00').waitFor();
  await popup.locator('.approve.ready').waitFor();
  await popup.keyboard.press('a');
  await popup.getByRole('button', { name: 'A again to approve' }).waitFor();
  const first = await popup.evaluate(() => performance.now());
  await popup.waitForFunction((before) => performance.now() - before > 100, first);
  await popup.keyboard.press('a');
  await popup.getByText('Edited and approved by You').waitFor();
  expect((await intake.read(edited)).args).toEqual({ ...args, amount: 129 });

  const held = await intake.propose('bank.transfer', { iban: 'DE1', amount: 5 });
  await popup.getByRole('link', { name: '1 waiting' }).waitFor();
  await popup.keyboard.press('j');
  await popup.getByLabel('I have checked this').waitFor();
  await tabTo(popup, /I have checked this/);
  await popup.keyboard.press('Space');
  await popup.locator('.approve.ready').waitFor();
  await popup.keyboard.press('a');
  await popup.getByText('Approved. Runs in').waitFor();
  await popup.keyboard.press('z');
  await popup.getByText('Approved. Runs in').waitFor({ state: 'detached' });
  expect(await intake.read(held)).toMatchObject({ status: 'pending', verdicts: [] });

  // The bar goes first, then the card comes back with its buttons.
  await popup.getByRole('button', { name: /^Reject/ }).waitFor();
  await popup.keyboard.press('r');
  await popup.getByLabel('Reason').waitFor();
  await popup.keyboard.type('Not today.');
  await popup.locator('.reject.ready').waitFor();
  await popup.keyboard.press('Control+Enter');
  await popup.getByText('Rejected by You').waitFor();
  expect(await intake.read(held)).toMatchObject({ status: 'rejected', decision: { reason: 'Not today.' } });
}, 60_000);

/** Controls that one could not hit or read: outside the page's width, cut off, or under another control. */
function blemishes(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [
      ...document.querySelectorAll<HTMLElement>('a, button, input, select, textarea, summary'),
    ];
    const name = (control: HTMLElement) => control.textContent || control.outerHTML.slice(0, 60);
    const found: string[] = [];
    for (const control of controls) {
      if (!control.checkVisibility()) continue;
      control.scrollIntoView({ block: 'center' });
      const { left, right, top, bottom, width, height } = control.getBoundingClientRect();
      if (width === 0 || height === 0) continue;
      if (left < -1 || right > document.documentElement.clientWidth + 1)
        found.push(`outside: ${name(control)}`);
      if (control.matches('button') && control.scrollWidth > control.clientWidth + 1) {
        found.push(`cut off: ${name(control)}`);
      }
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (hit && !control.contains(hit) && !hit.closest('label')?.contains(control)) {
        found.push(`covered: ${name(control)} by ${hit.outerHTML.slice(0, 80)}`);
      }
    }
    return found;
  });
}

// A popup grows with the zoom up to 800 × 600, a page has half of its width left; 320 is where WCAG 1.4.10 ends.
test.each([
  ['the popup at 200% zoom', 'popup', { width: 400, height: 300 }, 'none'],
  ['the side panel, narrow', 'sidepanel', { width: 320, height: 400 }, 'none'],
  ['the page at 200% zoom', 'card', { width: 600, height: 400 }, 'none'],
  ['the popup in forced colours', 'popup', { width: 400, height: 600 }, 'active'],
] as const)(
  'in %s nothing is cut off, covered or out of reach, and axe finds nothing serious',
  async (_, surface, size, forcedColors) => {
    const id = await intake.propose('orders.process_refund', refund(), { reason: 'Two captures.' });
    const transfer = await intake.propose('bank.transfer', { iban: 'DE2', amount: 5 });
    const drop = await intake.propose('db.drop_table', { table: 'customers' });
    const places = ['#/', `#/request/${id}`, `#/request/${id}/edit`, `#/request/${id}/reject`];
    places.push(
      `#/request/${transfer}`,
      `#/request/${drop}`,
      '#/history',
      '#/settings',
      '#/grants',
      '#/batches',
    );
    const faults: string[] = [];
    const page = await browser.open(surface, '#/');
    await page.setViewportSize(size);
    await page.emulateMedia({ forcedColors });
    for (const place of places) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, place);
      await page.locator('article:visible, ul:visible, form:visible, .blank:visible').first().waitFor();
      const found = [...(await blemishes(page)), ...(await seriousFaults(page))];
      faults.push(...found.map((fault) => `${place}: ${fault}`));
    }
    for (const one of [id, transfer, drop]) await intake.cancel(one);
    expect(faults).toEqual([]);
  },
  120_000,
);
