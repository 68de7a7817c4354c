/** The page of figures: what a lead reads of teams, what everyone reads of themselves, from a real sealed log. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from './browser.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review({ connected: false, intake: { ledger: true } });
const decided = 35;

beforeAll(async () => {
  const reviewers = await Promise.all(['dee', 'eli', 'fay', 'gus', 'hal'].map(intake.asNewcomer));
  for (let n = 0; n < decided; n += 1) {
    const id = await intake.propose('crm.update_note', { note: `note ${n}` });
    const { version, args_digest } = await intake.read(id);
    const verdict = n % 7 === 6 ? 'reject' : 'approve';
    const ask = reviewers[n % reviewers.length];
    const answer = await ask?.('POST', `/v1/requests/${id}/decision`, {
      verdict,
      seen: { version, args_digest },
    });
    expect(answer?.status).toBe(200);
  }
  const few = await intake.propose('tickets.comment', { ticket: 'T-1', author: { name: 'x' } });
  const { version, args_digest } = await intake.read(few);
  await intake.asLead('POST', `/v1/requests/${few}/decision`, {
    verdict: 'approve',
    seen: { version, args_digest },
  });
}, 120_000);

/** Pairs the browser anew, as somebody with these roles. */
async function become(roles: string[]): Promise<void> {
  const { body } = await intake.asAdmin('POST', '/v1/pair-codes', { person: 'bo', roles });
  await connect(browser, { ...intake, pairCode: (body as { code: string }).code });
}

async function opened(): Promise<Page> {
  const page = await browser.open('card', '#/insights');
  await page.getByRole('heading', { name: 'Is anyone still reading?' }).waitFor();
  return page;
}

const row = (page: Page, tool: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: tool }) });

describe('a lead', () => {
  beforeAll(() => become(['reviewer', 'lead']));

  test('reads each figure with its interval, and what it means; of too few nothing is said', async () => {
    const page = await opened();
    const counted = row(page, 'crm.update_note').getByText(String(decided), { exact: true });
    await expect
      .poll(
        async () => {
          const isThere = (await counted.count()) + (await row(page, 'tickets.comment').count()) === 2;
          if (!isThere) await page.getByRole('button', { name: 'Read again' }).click();
          return isThere;
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    const notes = row(page, 'crm.update_note');
    // 30 of 35 is 85.7 %; Wilson's interval 70.6 to 93.7 %.
    expect(await notes.innerText()).toMatch(/86%\s*71–94%/);
    expect(await notes.innerText()).toContain('unknown');
    expect(await row(page, 'tickets.comment').innerText()).toContain('fewer than five people');
    expect(await seriousFaults(page)).toEqual([]);
  }, 90_000);

  test('follows a number to the requests behind it, and comes back', async () => {
    const page = await opened();
    await row(page, 'crm.update_note').getByTitle('Show these requests').first().click();
    const behind = page.getByRole('region', { name: 'Requests behind this number' });
    await expect.poll(() => behind.getByRole('listitem').count()).toBeGreaterThan(decided - 1);
    await page.keyboard.press('Escape');
    await behind.waitFor({ state: 'detached' });
  }, 90_000);

  test('saves them for a spreadsheet', async () => {
    const page = await opened();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^countersign-figures-\d{4}-\d\d-\d\d\.csv$/);
  }, 90_000);

  test('chooses another time, which stands in the address', async () => {
    const page = await opened();
    await page.getByLabel('Time').selectOption('90');
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/insights?days=90');
    await page.getByText('Last 90 days').waitFor();
  }, 90_000);
});

test('who is no lead reads their own, and nobody else’s', async () => {
  const start = await browser.open('card', '#/');
  await start.getByRole('button', { name: 'Disconnect' }).click();
  await become(['reviewer']);
  const page = await opened();
  await page.getByText('Figures of teams are for leads.').waitFor();
  const own = page.getByRole('region', { name: 'Your own figures' });
  await own.getByText('1: 1 approved, 0 of them edited, 0 rejected').waitFor();
  expect(await page.getByRole('table').count()).toBe(0);
}, 90_000);
