/** A planted request in real Chromium: no other than any request, until it has been answered. */
import { afterAll, expect, test } from 'vitest';
import { behind, plantFrom } from '../intake/canaries/stage.ts';
import { connect } from './browser.ts';
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

/** Pairs the browser anew, as somebody with these roles. */
async function become(roles: string[]): Promise<void> {
  const { body } = await intake.asAdmin('POST', '/v1/pair-codes', { person: 'bo', roles });
  await connect(browser, { ...intake, pairCode: (body as { code: string }).code });
}

test('the programme is announced in settings: what it is, and what it is never for; a lead can stop it', async () => {
  const page = await browser.open('popup', '#/settings');
  const announced = page.getByRole('region', { name: 'Tests of attention' });
  await announced.getByText('They are in use here, since January 2, 2026.').waitFor();
  await announced.getByText('Never used to rank, reward or discipline anyone.').waitFor();
  await announced.getByText('at most 0.1% of those of medium tier or above').waitFor();
  expect(await announced.getByRole('button').count()).toBe(0);
  expect(await seriousFaults(page)).toEqual([]);

  const at = await browser.open('card');
  await at.getByRole('button', { name: 'Disconnect' }).click();
  await at.getByLabel('Server address or pairing link').waitFor();
  await become(['reviewer', 'lead']);
  const lead = await browser.open('card', '#/settings');
  const switched = lead.getByRole('region', { name: 'Tests of attention' });
  await switched.getByRole('button', { name: 'Stop the tests' }).click();
  await switched.getByText('They are announced here and have been stopped.').waitFor();
  await switched.getByText('Stopped by bo.').waitFor();
  await switched.getByRole('button', { name: 'Let the tests go on' }).click();
  await switched.getByText('They are in use here').waitFor();
  expect(await seriousFaults(lead)).toEqual([]);
});
