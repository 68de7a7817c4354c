/** Practice in real Chromium: the card of review with its friction and keys, told of at once, and there again later. */
import type { Drill } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review();
/** The same person as in the browser. */
const asAnn = await intake.asNewcomer('ann');

const password = 'correct horse';

/** A rotation that was right: the agent's reason names the account. Its card wants the password typed. */
async function rotated(account_id: string): Promise<void> {
  const reason = `The key of ${account_id} is a year old.`;
  const id = await intake.propose('vault.rotate', { account_id, password }, { reason });
  const { version, args_digest } = await intake.read(id);
  const seen = { version, args_digest };
  const body = { verdict: 'approve', seen, confirm: { password } };
  expect((await intake.asLead('POST', `/v1/requests/${id}/decision`, body)).status).toBe(200);
}

const told = (page: Page) => page.getByRole('alert').filter({ has: page.getByRole('heading') });
const heading = (page: Page) => told(page).getByRole('heading').innerText();

/** Says no with the keyboard alone. */
async function rejectByKey(page: Page): Promise<void> {
  await page.getByRole('article').waitFor();
  await page.keyboard.press('r');
  await page.getByLabel('What is wrong, if you like (nobody is told)').fill('Not this one.');
  await page.locator('.reject.ready').waitFor();
  await page.keyboard.press('Control+Enter');
  await told(page).waitFor();
}

test('forty cards are started from the palette, say what they are, and can be stopped', async () => {
  const page = await browser.open('popup', '#/');
  await page.getByText('0 waiting').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Commands and requests' }).waitFor();
  await page.keyboard.type('Practise');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Start with 40 cards' }).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start with 40 cards' }).click();
  await page.getByText('Practice · 1 of 40').waitFor();
  await page.getByText('Nothing here runs').waitFor();
  await page.locator('.approve.ready').click();
  await told(page).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  // None of it waits anywhere.
  expect(await page.getByText('0 waiting').count()).toBe(1);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('You answered 1 of 40 cards.').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('table').waitFor();
});

test('by keyboard, with the card’s own friction, over a closed popup, to the end', async () => {
  await rotated('ACC-48213');
  await rotated('ACC-90441');
  const { body } = await asAnn('POST', '/v1/drills', { cards: 2 });
  expect((body as Drill).card?.request.tool).toBe('vault.rotate');
  const first = await browser.open('popup', '#/drill');
  await first.getByText('Practice · 1 of 2').waitFor();
  await first.getByRole('button', { name: /^Check 1 value/ }).waitFor();
  await first.getByRole('button', { name: 'Show Password' }).click();
  // What has to be typed is not to be passed by.
  await first.keyboard.press('a');
  expect(await told(first).count()).toBe(0);
  await first.locator('[data-confirm] input').fill(password);
  await first.locator('.approve.ready').waitFor();
  await first.close();

  const page = await browser.open('popup', '#/drill');
  await page.getByText('Practice · 1 of 2').waitFor();
  await rejectByKey(page);
  const one = await heading(page);
  await page.keyboard.press('j');
  await page.getByText('Practice · 2 of 2').waitFor();
  await page.close();

  const later = await browser.open('popup', '#/drill');
  await later.getByText('Practice · 2 of 2').waitFor();
  await rejectByKey(later);
  // One of the two was wrong, and which is nobody's to know before.
  expect([one, await heading(later)].toSorted()).toEqual(['Nothing was wrong here.', 'You found it.']);
  await later.keyboard.press('j');
  await later.getByRole('heading', { name: 'How it went' }).waitFor();
  const counts = await later.locator('.counts').innerText();
  expect(counts.replaceAll(/\s+/g, ' ')).toMatch(/1 of 1.*0 of 1/);
});
