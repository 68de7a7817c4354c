/** The card in real Chromium: each kind of value, what is covered, what is folded, what the run did before. */

import type { JsonObject } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from './browser.ts';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review({ connected: false });

beforeAll(async () => {
  const people = await intake.asAdmin('GET', '/v1/people');
  const { items } = people.body as { items: { id: string }[] };
  const ann = items.find(({ id }) => id === 'ann');
  await intake.asAdmin('POST', '/v1/people', { ...ann, email: 'ann@acme.com' });
  await connect(browser, intake);
});

async function openCard(tool: string, args: JsonObject, more: JsonObject = {}) {
  const id = await intake.propose(tool, args, more);
  const page = await browser.open('popup', `#/request/${id}`);
  await page.getByRole('article').waitFor();
  return { id, page };
}
const line = (page: Page, name: string) =>
  page
    .locator('.line')
    .filter({ has: page.locator('dt').getByText(name, { exact: true }) })
    .locator('dd');

describe('each kind of value', () => {
  test('a mail: recipients with their domains, the body as text, nothing of it as markup', async () => {
    const { page } = await openCard('email.send', {
      to: ['anna@example.com'],
      cc: ['bo@acme.com', 'Cy <cy@evil.example>'],
      subject: 'Your refund',
      body: 'Dear Anna,\n\n<b>it is</b> on its way.',
    });
    await page
      .getByRole('heading', { name: 'Send email: to anna@example.com, subject Your refund' })
      .waitFor();
    expect(await line(page, 'Cc').locator('.host').allTextContents()).toEqual(['acme.com', 'evil.example']);
    expect(await page.locator('.line .host.outside').allTextContents()).toEqual([
      'example.com',
      'evil.example',
    ]);
    expect(await page.getByText('external', { exact: true }).count()).toBe(2);
    expect(await line(page, 'Body').innerText()).toBe('Dear Anna,\n\n<b>it is</b> on its way.');
  });

  test('a statement: as written, what destroys marked', async () => {
    const sql = "-- tidy\nDELETE FROM orders\nWHERE note = 'drop';  UPDATE orders SET total = 0";
    const { page } = await openCard('db.run', { sql });
    expect(await line(page, 'Sql').innerText()).toBe(sql);
    expect(await line(page, 'Sql').locator('.danger').allTextContents()).toEqual(['DELETE', 'UPDATE']);
  });

  test('an update: what was, struck out, beside what is to be', async () => {
    const { page } = await openCard('crm.update_customer', {
      before: { name: 'Anna', city: 'Bonn' },
      after: { name: 'Anna', city: 'Berlin' },
    });
    expect(await line(page, 'City').locator('del, ins').allTextContents()).toEqual([
      'was Bonn',
      'now Berlin',
    ]);
    expect(await line(page, 'Name').locator('del, ins').count()).toBe(0);
  });

  test('a list of like things: a table with the sum of its money, and axe finds nothing serious', async () => {
    const { page } = await openCard('billing.create_invoice', {
      currency: 'EUR',
      due: '2026-12-01',
      items: [
        { sku: 'A', quantity: 12, price: 1200 },
        { sku: 'B', quantity: 1, price: 349.5 },
      ],
      hook: 'https://acme.com@evil.example/hook',
      password: 'hunter2',
      command: 'rm -rf /srv',
    });
    await page.getByRole('cell', { name: '€1,200.00' }).waitFor();
    await page.getByRole('cell', { name: 'Sum €1,549.50' }).waitFor();
    expect(await line(page, 'Due').innerText()).toMatch(/^Tue, Dec 1, 2026 .* · 2026-12-01$/);
    expect(await line(page, 'Hook').locator('.host').innerText()).toBe('evil.example');
    for (const summary of await page.locator('article > details > summary').all()) await summary.click();
    await page.locator('.approve.ready').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });
});

describe('what is covered', () => {
  test('is nowhere on the card until it is asked for, one value at a time, and no uncovering is told to anyone', async () => {
    const { page } = await openCard('vault.store', {
      name: 'prod',
      password: 'hunter2',
      api_key: 'k-77',
      card_number: '4111111111111111',
    });
    const calls: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' && !request.url().endsWith('/view')) calls.push(request.url());
    });
    await page.keyboard.press('.');
    await page.getByText('Covered values stay covered here too.').waitFor();
    const html = () => page.evaluate(() => document.body.innerHTML);
    expect(await html()).not.toMatch(/hunter2|k-77|4111/);
    await page.getByText('1111').waitFor();
    await page.getByRole('button', { name: 'Show Password' }).press('Enter');
    await expect.poll(html).toContain('hunter2');
    expect(await page.locator('pre.raw').innerText()).toContain('"password": "hunter2"');
    expect(await html()).not.toContain('k-77');
    expect(calls).toEqual([]);
  });

  test('is covered under "why" too, by what it is and not by what it is called', async () => {
    const key = 'AKIAABCDEFGHIJKLMNOP';
    const { page } = await openCard('vault.note', { note: key, max_tokens: 900 });
    const why = () => page.locator('.why').innerText();
    expect(await why()).toContain('param.note (••••••••) != "" and param.max_tokens (900) > 500');
    expect(await page.evaluate(() => document.body.innerHTML)).not.toContain(key);
    await page.getByRole('button', { name: 'Show Note' }).click();
    await expect.poll(why).toContain(`param.note ("${key}")`);
  });

  test('has to be shown before it can be confirmed', async () => {
    const { page } = await openCard('vault.rotate', { password: 'hunter2' });
    await page.getByText('to confirm it').waitFor();
    expect(await page.getByLabel('Type it again').count()).toBe(0);
    await page.getByRole('button', { name: 'Show Password' }).click();
    await page.getByLabel('Type it again').fill('hunter2');
    await page.getByText('matches').waitFor();
  });

  test('stays covered in the form until it is to be edited', async () => {
    const { page } = await openCard('vault.store', { name: 'prod', password: 'hunter2' });
    await page.keyboard.press('e');
    await page.getByRole('textbox', { name: 'Name' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Password' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show Password' }).click();
    await page.getByRole('textbox', { name: 'Password' }).waitFor();
  });
});

describe('law 6: what is folded has to be opened before an approval', () => {
  test('one long text by one, or all at once by the button that would approve', async () => {
    const text = (letter: string) => `${letter}${' word'.repeat(300)} end-${letter}`;
    const { id, page } = await openCard('crm.update_note', { first: text('a'), second: text('b') });
    const approve = page.getByRole('button', { name: 'Show all values' });
    await approve.waitFor();
    await page
      .getByRole('button', { name: /^show all \d+ characters/ })
      .first()
      .click();
    await page.getByText('end-a').waitFor();
    expect(await page.getByText('end-b').count()).toBe(0);
    await page.keyboard.press('a');
    await page.getByText('end-b').waitFor();
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    expect((await intake.read(id)).status).toBe('pending');
  });
});

describe('around the payload', () => {
  test('what the run asked for before is linked, with what became of it', async () => {
    const { id: first, page: old } = await openCard('crm.update_note', { note: 'one' }, { run_id: 'run-9' });
    await old.close();
    await intake.cancel(first);
    const { page } = await openCard('orders.process_refund', refund(), { run_id: 'run-9' });
    await page.getByText('Earlier in this run (1)').click();
    await page.getByText(/^Withdrawn/).waitFor();
    await page.getByRole('link', { name: /Update note/ }).click();
    await page.getByRole('heading', { name: 'Update note' }).waitFor();
  });

  test('who else looked, and what happens when time runs out, is said in words', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'hello' });
    const { version, args_digest } = await intake.read(id);
    await intake.asLead('POST', `/v1/requests/${id}/view`, { seen: { version, args_digest } });
    await page.getByText('also looked at by bo').click();
    await page.getByText(/skipped, and the agent goes on without it$/).waitFor();
  });
});
