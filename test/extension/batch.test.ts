/** Looking at like requests together, in real Chromium against a real intake. */
import type { DecideMany } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review();
afterEach(async () => {
  await Promise.all(waiting.splice(0).map((id) => intake.cancel(id)));
});

const waiting: string[] = [];
let notes = 0;
/** Proposes notes that are alike; gives their ids. */
async function propose(amounts: number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const amount of amounts) {
    notes += 1;
    ids.push(
      await intake.propose('crm.update_note', {
        customer: `Customer ${notes}`,
        amount,
        currency: 'EUR',
        list: 'vip',
      }),
    );
  }
  waiting.push(...ids);
  return ids;
}
const statuses = (ids: string[]) => Promise.all(ids.map(async (id) => (await intake.read(id)).status));
const sent = (page: Page) => {
  const bodies: DecideMany[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/v1/decisions')) bodies.push(request.postDataJSON());
  });
  return bodies;
};
const rows = (page: Page) => page.locator('.batch-row');

async function openBatch(name: 'popup' | 'card' = 'popup'): Promise<Page> {
  const page = await browser.open(name, '#/batches');
  page.setDefaultTimeout(12_000);
  await page.getByRole('heading', { name: /alike/ }).waitFor();
  return page;
}
/** Opens every row that the server wants opened, one after the other. */
async function openWanted(page: Page): Promise<void> {
  for (let left = await page.locator('.open.wanted').count(); left > 0; left -= 1) {
    await page.locator('.open.wanted').first().click();
    await page.getByRole('article').waitFor();
    await expect.poll(() => page.locator('.to-open').count()).toBe(left - 1);
    await page.getByRole('button', { name: /^Close/ }).click();
  }
}

test('the top line leads from the queue to what is alike: common values once, differing ones in rows, the sum', async () => {
  const ids = await propose([10, 10.1, 10.2, 9.9, 10.3, 10]);
  const page = await browser.open('card', '#/');
  await page.setViewportSize({ width: 1200, height: 800 });
  await page.getByRole('link', { name: '6 alike' }).click();
  await page.getByRole('heading', { name: '6 alike: Update note' }).waitFor();
  expect(await page.locator('.batch-common').innerText()).toMatch(/€60\.50[\s\S]*EUR[\s\S]*vip/);
  expect(await rows(page).count()).toBe(ids.length);
  expect(await rows(page).first().innerText()).toMatch(/Customer \d+[\s\S]*€10\.00/);
  expect(await page.locator('.batch-rows').innerText()).not.toContain('vip');
  expect(await page.locator('.open.wanted').count()).toBe(2);
});

test('nothing is chosen, the focus is on no button, and nothing can be approved unread', async () => {
  const ids = await propose([1, 2, 2]);
  const page = await openBatch();
  const bodies = sent(page);
  expect(await page.locator('.batch-row input:checked').count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  await page.getByRole('button', { name: /^Choose rows/ }).click({ force: true });
  await page.getByLabel('Choose all').check();
  await page.getByRole('button', { name: /^Open the marked row first/ }).click({ force: true });
  // The click has shown the row instead, and that has opened it.
  await page.getByRole('article').waitFor();
  await page.getByRole('button', { name: 'Approve 3: €5.00' }).waitFor();
  expect(bodies).toEqual([]);
  expect(await statuses(ids)).toEqual(['pending', 'pending', 'pending']);
});

test('approves exactly what was shown and chosen, in one call, with a result for each row', async () => {
  const ids = await propose([3, 3.5, 3, 4]);
  const page = await openBatch();
  const bodies = sent(page);
  await openWanted(page);
  await page.getByLabel('Choose all').check();
  await rows(page).last().getByRole('checkbox').uncheck();
  await page.getByRole('button', { name: 'Approve 3: €9.50' }).and(page.locator('.ready')).click();
  await expect.poll(() => page.locator('.fate.approved').count()).toBe(3);
  expect(await statuses(ids)).toEqual(['approved', 'approved', 'approved', 'pending']);
  const read = await Promise.all(ids.slice(0, 3).map((id) => intake.read(id)));
  expect(bodies).toHaveLength(1);
  expect(bodies[0]?.items).toEqual(
    read.map(({ id, version, args_digest }) => ({ id, verdict: 'approve', seen: { version, args_digest } })),
  );
  expect(read.map(({ verdicts }) => verdicts[0]?.batch)).toEqual(Array(3).fill(bodies[0]?.batch));
  // Of the batch as one: how long it was in view, and what of it was opened.
  expect(bodies[0]?.attention).toEqual({
    surface: 'popup',
    visible_ms: expect.any(Number),
    since_shown_ms: expect.any(Number),
    opened: expect.arrayContaining([expect.stringMatching(/^req_/)]),
  });
});

test('by keyboard alone: J and K go through the rows, X and Space choose, Enter opens, A A approves', async () => {
  const ids = await propose([7, 7, 7.5]);
  const page = await openBatch();
  for (const id of ids) {
    await page.keyboard.press('j');
    if ((await page.locator(`#row-${id}.to-open`).count()) === 1) {
      await page.keyboard.press('Enter');
      await page.locator(`#row-${id} article`).waitFor();
      await page.keyboard.press('Escape');
    }
  }
  await page.keyboard.press('k');
  await page.keyboard.press('x');
  await page.keyboard.press('k');
  await page.keyboard.press(' ');
  expect(await page.locator('.batch-row.chosen').count()).toBe(2);
  await page.locator('.approve.ready').waitFor();
  await page.keyboard.press('a');
  await page.getByRole('button', { name: 'A again to approve' }).waitFor();
  expect(await statuses(ids)).toEqual(['pending', 'pending', 'pending']);
  // A second stroke within 60 ms would be a worn key.
  const first = await page.evaluate(() => performance.now());
  await page.waitForFunction((before) => performance.now() - before > 100, first);
  await page.keyboard.press('a');
  await expect.poll(() => page.locator('.fate.approved').count()).toBe(2);
  expect(await statuses(ids)).toEqual(['approved', 'approved', 'pending']);
});

test('B leads there from the queue; Escape leads back', async () => {
  await propose([6, 6, 6]);
  const page = await browser.open('popup', '#/');
  await page.getByRole('link', { name: '3 alike' }).waitFor();
  await page.keyboard.press('b');
  await page.getByRole('heading', { name: '3 alike: Update note' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('list', { name: 'Queue' }).waitFor();
});

test('rejects the chosen ones with a reason, opened or not', async () => {
  const ids = await propose([8, 8, 8.5]);
  const page = await openBatch();
  await rows(page).nth(1).getByRole('checkbox').check();
  await page.getByRole('button', { name: /^Reject/ }).click();
  await page.getByLabel('Reason').fill('Not this customer.');
  await page.getByRole('button', { name: 'Reject 1' }).and(page.locator('.ready')).click();
  await page.locator('.fate.rejected').waitFor();
  expect(await statuses(ids)).toEqual(['pending', 'rejected', 'pending']);
  expect((await intake.read(ids[1] ?? '')).decision?.reason).toBe('Not this customer.');
});

test('what comes later does not join, and what others decide leaves the choice', async () => {
  const ids = await propose([5, 5.5, 6, 5]);
  const page = await openBatch();
  await page.getByLabel('Choose all').check();
  await propose([5]);
  const [first = ''] = ids;
  const { version, args_digest } = await intake.read(first);
  await intake.asLead('POST', `/v1/requests/${first}/decision`, {
    verdict: 'reject',
    seen: { version, args_digest },
  });
  await rows(page).first().getByText('Rejected by bo').waitFor();
  expect(await rows(page).count()).toBe(4);
  expect(await rows(page).first().getByRole('checkbox').isDisabled()).toBe(true);
  expect(await page.locator('.batch-row.chosen').count()).toBe(3);
});

test('a lost answer is looked up row by row, and not sent again', async () => {
  const ids = await propose([2, 2, 2.5]);
  const page = await openBatch();
  await openWanted(page);
  const bodies = sent(page);
  await page.route('**/v1/decisions', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByLabel('Choose all').check();
  await page.locator('.approve.ready').click();
  await expect.poll(() => page.locator('.fate.approved').count()).toBe(3);
  expect(bodies).toHaveLength(1);
  expect(await statuses(ids)).toEqual(['approved', 'approved', 'approved']);
  await page.getByRole('button', { name: 'Look for more' }).click();
  await page.getByText('Nothing to look at together').waitFor();
});

test('is accessible, in a popup and on a page, with a row open', async () => {
  await propose([4, 4, 4.5, 90]);
  for (const [surface, width] of [
    ['popup', 400],
    ['card', 1200],
  ] as const) {
    const page = await openBatch(surface);
    await page.setViewportSize({ width, height: 700 });
    await page.getByText('1 is like these and is better looked at alone').click();
    await rows(page).first().getByRole('button').click();
    await page.getByRole('article').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(wide).toBe(false);
  }
});
