/** A planted request in real Chromium: no other than any request, until it has been answered. */
import { afterAll, expect, test } from 'vitest';
import { behind, plantFrom } from '../intake/canaries/stage.ts';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review();
const inside = await behind({ url: intake.redisUrl });
afterAll(() => inside.close());

/** Plants one made from a refund of 2400, and opens it. */
async function openPlanted() {
  const reason = 'The customer was charged twice: 2400 EUR.';
  const source = await intake.propose('orders.process_refund', refund(), { reason });
  const id = await plantFrom(inside, source);
  await intake.cancel(source);
  const page = await browser.open('popup', `#/request/${id}`);
  await page.getByRole('heading', { name: 'Refund €24,000.00 to a.smith@acme.com' }).waitFor();
  return { id, page };
}

test('who approves it is told at once that it was a test, what was wrong and what to hold it against', async () => {
  const { id, page } = await openPlanted();
  expect(await page.getByText('test').count()).toBe(0);
  await page.getByRole('button', { name: 'Approve €24,000' }).click();
  const told = page.getByRole('alert').filter({ hasText: 'This was a test, and nothing ran.' });
  await told.getByText('It said 24000.').waitFor();
  await told.getByText('It should have said 2400.').waitFor();
  await told.getByText('The agent’s own reason or summary said so.').waitFor();
  expect(await told.getByRole('link', { name: /^Practise on 40 cards/ }).getAttribute('href')).toBe(
    '#/drill',
  );
  expect(await seriousFaults(page)).toEqual([]);
  // It is there when the card is opened again, and nobody else is told.
  await page.reload();
  await told.waitFor();
  const other = await intake.read(id);
  expect(other.status).toBe('cancelled');
  expect(other).not.toHaveProperty('canary');
});

test('who rejects it is thanked, in a line', async () => {
  const { page } = await openPlanted();
  await page.getByRole('button', { name: /^Reject/ }).click();
  await page.getByRole('textbox').fill('2400, not 24000');
  await page.getByRole('button', { name: /^Reject/ }).click();
  await page.getByRole('status').filter({ hasText: 'You caught it, and nothing ran.' }).waitFor();
  expect(await page.getByText('It should have said').count()).toBe(0);
});
