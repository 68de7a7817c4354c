/** G2: surfaces measure attention honestly: in view and in focus, on whichever surface, and nothing else. */
import type { Attention } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { refund } from './intake.ts';
import { review } from './review.ts';

const { intake, browser } = await review();

const claims = (page: Page) => {
  const sent: Attention[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/decision')) sent.push(request.postDataJSON().attention);
  });
  return sent;
};
async function open(id: string, surface: 'popup' | 'card' = 'popup'): Promise<Page> {
  const page = await browser.open(surface, `#/request/${id}`);
  await page.getByRole('article').waitFor();
  return page;
}
/** Waits until so much time has passed on the page's own clock. */
async function pass(page: Page, ms: number): Promise<void> {
  const begun = await page.evaluate(() => performance.now());
  await page.waitForFunction(([at, least]) => performance.now() - at >= least, [begun, ms] as const);
}
async function approve(page: Page): Promise<Attention> {
  const sent = claims(page);
  await page.locator('.approve.ready').click();
  await page.getByText('Approved by You').waitFor();
  const [claim] = sent;
  if (claim === undefined) throw new Error('no claim was sent');
  return claim;
}
const focused = (page: Page, is: boolean) =>
  page.evaluate((now) => {
    document.hasFocus = () => now;
    dispatchEvent(new Event(now ? 'focus' : 'blur'));
  }, is);

test('what is claimed is the time in view, the surface and what was opened, and no more', async () => {
  const page = await open(await intake.propose('orders.process_refund', refund(), {}));
  await page.locator('details.raw-arguments > summary').click();
  await pass(page, 1_500);
  const claim = await approve(page);
  expect(Object.keys(claim).sort()).toEqual([
    'opened',
    'since_shown_ms',
    'surface',
    'values_opened',
    'visible_ms',
  ]);
  expect(claim).toMatchObject({ surface: 'popup', opened: ['raw'] });
  expect(claim.visible_ms).toBeGreaterThanOrEqual(1_500);
  expect(claim.visible_ms).toBeLessThanOrEqual((claim.since_shown_ms ?? 0) + 50);
});

test('a card without focus is not looked at', async () => {
  const page = await open(await intake.propose('orders.process_refund', refund(), {}));
  await focused(page, false);
  await pass(page, 3_000);
  await focused(page, true);
  const claim = await approve(page);
  expect((claim.since_shown_ms ?? 0) - (claim.visible_ms ?? 0)).toBeGreaterThanOrEqual(3_000);
});

test('a popup that closes takes nothing with it: the next surface goes on', async () => {
  const id = await intake.propose('orders.process_refund', refund(), {});
  const popup = await open(id);
  await pass(popup, 2_500);
  await popup.close();
  const claim = await approve(await open(id, 'card'));
  // A second at most is lost with a popup that is gone without a word.
  expect(claim).toMatchObject({ surface: 'page' });
  expect(claim.visible_ms).toBeGreaterThanOrEqual(1_500);
});
