/** Deciding in real Chromium against a real intake. */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { refund } from './intake.ts';
import { review } from './review.ts';

const { intake, browser } = await review();

const status = async (id: string) => (await intake.read(id)).status;
const decisions = (page: Page) => {
  const sent: unknown[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/decision')) sent.push(request.postDataJSON());
  });
  return sent;
};
const approveButton = (page: Page) => page.getByRole('button', { name: /^(Approve|Check|Sending|A again)/ });

/** Proposes, and opens the card in a popup. */
async function openCard(tool: string, args: JsonObject, more: JsonObject = {}) {
  const id = await intake.propose(tool, args, more);
  const page = await browser.open('popup', `#/request/${id}`);
  await page.getByRole('article').waitFor();
  return { id, page };
}

describe('approving', () => {
  test('says what it approves, and approves exactly what was shown', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    const sent = decisions(page);
    await page.getByRole('heading', { name: 'Refund €2,400.00 to a.smith@acme.com' }).waitFor();
    await page.getByRole('button', { name: 'Approve €2,400' }).click();
    await page.getByText('Approved by You').waitFor();
    const request = await intake.read(id);
    expect(request).toMatchObject({ status: 'approved', decided_by: 'ann' });
    expect(sent).toEqual([
      {
        verdict: 'approve',
        seen: { version: 1, args_digest: request.args_digest },
        attention: expect.objectContaining({ surface: 'popup' }),
      },
    ]);
  });

  test('by key takes two strokes from the high tier up', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'A again to approve' }).waitFor();
    expect(await status(id)).toBe('pending');
    // A second stroke within 60 ms would be a worn key.
    const first = await page.evaluate(() => performance.now());
    await page.waitForFunction((before) => performance.now() - before > 100, first);
    await page.keyboard.press('a');
    await page.getByText('Approved by You').waitFor();
  });

  test('by key takes one stroke for the low tier', async () => {
    const { page } = await openCard('crm.update_note', { note: 'hello' });
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.press('a');
    await page.getByText('Approved by You').waitFor();
  });

  test('does not happen by a click before the card is armed, nor by a held key, nor by Tab and Enter', async () => {
    // A busy machine may be too late for the first click, which then approves: then it is tried with another card.
    const early = async (): Promise<{ id: string; page: Page; sent: unknown[] }> => {
      const { id, page } = await openCard('orders.process_refund', refund());
      const sent = decisions(page);
      await page.evaluate(() => {
        addEventListener('pointerdown', () => {
          document.body.dataset.pressed =
            document.querySelector('.approve.ready') === null ? 'early' : 'late';
        });
      });
      await approveButton(page).click({ force: true, noWaitAfter: true });
      await page.locator('body[data-pressed]').waitFor();
      return (await page.locator('body[data-pressed="early"]').count()) === 1 ? { id, page, sent } : early();
    };
    const { id, page, sent } = await early();
    await page.locator('.approve.ready').waitFor();
    await page.keyboard.down('a');
    for (let i = 0; i < 20; i += 1) await page.keyboard.down('a');
    await page.keyboard.up('a');
    await page.reload();
    await page.locator('.approve.ready').waitFor();
    await approveButton(page).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'A again to approve' }).waitFor();
    expect(sent).toEqual([]);
    expect(await status(id)).toBe('pending');
  });

  test('never has the focus by itself', async () => {
    const { page } = await openCard('orders.process_refund', refund());
    await page.locator('.approve.ready').waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  });

  test('is sent once, however often it is clicked, and shown only when the server has confirmed it', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'once' });
    const sent = decisions(page);
    let let_go = () => {};
    const gate = new Promise<void>((resolve) => {
      let_go = resolve;
    });
    await page.route('**/decision', async (route) => {
      await gate;
      await route.continue();
    });
    await approveButton(page).click();
    await page.getByRole('button', { name: 'Sending…' }).waitFor();
    for (let i = 0; i < 5; i += 1) await approveButton(page).click({ force: true });
    await page.keyboard.press('a');
    expect(await page.getByText('Approved by You').count()).toBe(0);
    let_go();
    await page.getByText('Approved by You').waitFor();
    expect(sent).toHaveLength(1);
    expect(await status(id)).toBe('approved');
  });

  test('whose answer was lost is looked up, not repeated and not forgotten', async () => {
    const { page } = await openCard('crm.update_note', { note: 'lost' });
    const sent = decisions(page);
    await page.route('**/decision', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await approveButton(page).click();
    await page.getByText('Approved by You').waitFor();
    expect(sent).toHaveLength(1);
  });

  test('that did not arrive says so, and can be tried again', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'again' });
    await page.route('**/decision', (route) => route.abort());
    await approveButton(page).click();
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    expect(await status(id)).toBe('pending');
    await page.unroute('**/decision');
    await approveButton(page).click();
    await page.getByText('Approved by You').waitFor();
  });
});

describe('what a tier asks for', () => {
  test('each value that has to be acknowledged is ticked before the button acts', async () => {
    const { id, page } = await openCard('bank.transfer', { iban: 'DE02120300000000202051', amount: 5 });
    const sent = decisions(page);
    await page.getByRole('button', { name: 'Check 1 value' }).click({ force: true });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('checkbox');
    await page.getByLabel('I have checked this').check();
    await page.getByRole('button', { name: 'Approve 5' }).click();
    await page.getByText('Approved. Runs in').waitFor();
    expect(sent).toMatchObject([{ confirm: { iban: 'DE02120300000000202051' } }]);
    expect((await intake.read(id)).release_at).toBeDefined();
  });

  test('a value that has to be typed again is typed again, and two people approve what is critical', async () => {
    const { id, page } = await openCard('db.drop_table', { table: 'customers' });
    await page.getByLabel('Type it again').fill('customer');
    expect(await page.getByRole('button', { name: 'Check 1 value' }).count()).toBe(1);
    await page.getByLabel('Type it again').fill('customers');
    await page.locator('.approve.ready').click();
    await page.getByText('waiting for others').waitFor();
    await page.getByText('1 of 2 approvals').first().waitFor();
    expect(await status(id)).toBe('pending');
    const { version, args_digest } = await intake.read(id);
    await intake.asLead('POST', `/v1/requests/${id}/decision`, {
      verdict: 'approve',
      seen: { version, args_digest },
      confirm: { table: 'customers' },
    });
    await page.getByText('Approved by You, bo').or(page.getByText('Approved by bo, You')).waitFor();
  });
});

describe('law 6: what can not be seen can not be approved', () => {
  test('a payload of very many values is shown in full before the button acts', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`field_${i}`, `value ${i}`]));
    const { id, page } = await openCard('crm.update_note', many);
    expect(await page.locator('dd', { hasText: 'value 99' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show all values' }).click({ force: true });
    await page.locator('dd', { hasText: 'value 99' }).waitFor();
    expect(await status(id)).toBe('pending');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved by You').waitFor();
  });
});

describe('editing', () => {
  test('shows the difference, asks policy, has a last look, and approves the edited arguments', async () => {
    const args = refund();
    const { id, page } = await openCard('orders.process_refund', args);
    const sent = decisions(page);
    await page.keyboard.press('e');
    await page.getByText('2 of 5 fields can be edited').waitFor();
    await page.getByLabel('Amount').fill('129.00');
    await page.getByLabel('Note').fill('Duplicate charge, order total only');
    await page.getByLabel('Reason').fill('Refund the order total.');
    await page.getByText('still high, 1 approval').waitFor();
    await page.getByRole('heading', { name: 'Refund €129.00 to a.smith@acme.com' }).waitFor();
    await page.getByRole('button', { name: 'Look it over' }).click();
    await page.locator('del').getByText('€2,400.00').waitFor();
    await page.locator('ins').getByText(', order total only').waitFor();
    await page.getByRole('button', { name: 'Approve €129' }).click();
    await page.getByText('Edited and approved by You').waitFor();
    const request = await intake.read(id);
    expect(request.args).toEqual({ ...args, amount: 129, note: 'Duplicate charge, order total only' });
    expect(request.proposed_args).toEqual(args);
    expect(sent).toMatchObject([
      { verdict: 'approve', reason: 'Refund the order total.', seen: { version: 1 } },
    ]);
  });

  test('law 7: is stopped where policy denies it, before anything is sent', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await page.keyboard.press('e');
    await page.getByLabel('Amount').fill('200000');
    await page.getByText('Nobody gets that much.').waitFor();
    expect(await page.getByRole('button', { name: 'Look it over' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    expect(await status(id)).toBe('pending');
  });

  test('refuses what is not a number instead of guessing', async () => {
    const { page } = await openCard('orders.process_refund', refund());
    await page.keyboard.press('e');
    await page.getByLabel('Amount').fill('1,000');
    await page.getByText('Write a plain number').waitFor();
    expect(await page.getByRole('button', { name: 'Look it over' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
  });

  test('survives a closed popup, and closing decides nothing', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await page.keyboard.press('e');
    await page.getByLabel('Amount').fill('77');
    await page.close();
    // Opened anew, without an address: it comes back to the form.
    const again = await browser.open('popup');
    await expect.poll(() => again.getByLabel('Amount').inputValue()).toBe('77');
    expect(await status(id)).toBe('pending');
  });
});

describe('rejecting', () => {
  test('sends a ready reason, or one’s own words', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await page.keyboard.press('r');
    await page.getByText('The run stops with your reason.').waitFor();
    await page.getByRole('button', { name: 'The amount is wrong' }).click();
    await page.getByLabel('Reason').fill('The amount is wrong: the order was 129.');
    await page.locator('.reject.ready').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Rejected by You').waitFor();
    expect(await intake.read(id)).toMatchObject({
      status: 'rejected',
      decision: { reason: 'The amount is wrong: the order was 129.' },
    });
  });
});

describe('taking back', () => {
  test('an approval that is held counts down and is undone with Z, on whatever card one is', async () => {
    const { id, page } = await openCard('bank.transfer', { iban: 'DE1', amount: 5 });
    await page.getByLabel('I have checked this').check();
    await approveButton(page).click();
    await page.getByText('Approved. Runs in').waitFor();
    await page.goto(`${page.url().split('#')[0]}#/`);
    await page.getByText('Approved. Runs in').waitFor();
    await page.keyboard.press('z');
    await page.getByText('Approved. Runs in').waitFor({ state: 'detached' });
    const request = await intake.read(id);
    expect(request).toMatchObject({ status: 'pending', verdicts: [] });
    expect(request.release_at).toBeUndefined();
  });
});

describe('while an approval is held', () => {
  test('another reviewer’s rejection ends the countdown: nothing runs, and the bar does not say so', async () => {
    const { id, page } = await openCard('bank.transfer', { iban: 'DE2', amount: 5 });
    await page.getByLabel('I have checked this').check();
    await approveButton(page).click();
    await page.getByText('Approved. Runs in').waitFor();
    await page.goto(`${page.url().split('#')[0]}#/`);
    const { version, args_digest } = await intake.read(id);
    await intake.asLead('POST', `/v1/requests/${id}/decision`, {
      verdict: 'reject',
      seen: { version, args_digest },
    });
    await page.getByText('Approved. Runs in').waitFor({ state: 'detached', timeout: 5_000 });
    expect(await status(id)).toBe('rejected');
  });

  test('what happened while no surface was open is known to the one that opens', async () => {
    const { id, page } = await openCard('bank.transfer', { iban: 'DE3', amount: 5 });
    await page.getByLabel('I have checked this').check();
    await approveButton(page).click();
    await page.getByText('Approved. Runs in').waitFor();
    await page.close();
    const { version, args_digest } = await intake.read(id);
    await intake.asLead('POST', `/v1/requests/${id}/decision`, {
      verdict: 'reject',
      seen: { version, args_digest },
    });
    const later = await browser.open('popup', '#/');
    await later.locator('.queue, .blank').first().waitFor();
    await later.getByText('Approved. Runs in').waitFor({ state: 'detached', timeout: 5_000 });
  });
});

describe('when something else happens meanwhile', () => {
  test('a decision by someone else clears the card kindly', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    const { version, args_digest } = await intake.read(id);
    await intake.asLead('POST', `/v1/requests/${id}/decision`, {
      verdict: 'reject',
      reason: 'Not today',
      seen: { version, args_digest },
    });
    await page.getByText('Rejected by bo').waitFor();
    await page.getByText('Not today').first().waitFor();
    expect(await approveButton(page).count()).toBe(0);
  });

  test('a verdict that comes second is told so, and changes nothing', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'race' });
    await page.route('**/decision', async (route) => {
      const { version, args_digest } = await intake.read(id);
      const seen = { version, args_digest };
      await intake.asLead('POST', `/v1/requests/${id}/decision`, { verdict: 'reject', seen });
      await route.continue();
    });
    await approveButton(page).click();
    await page.getByText('Someone was faster').waitFor();
    await page.getByText('Rejected by bo').waitFor();
    expect(await status(id)).toBe('rejected');
  });

  test('law 6: an edit by someone else is announced, never swapped in, and has to be looked at', async () => {
    const { id, page } = await openCard('db.drop_table', { table: 'customers' });
    await page.close();
    const other = await intake.propose('orders.process_refund', refund(), { run_id: 'other' });
    const card = await browser.open('popup', `#/request/${other}`);
    await card.locator('.approve.ready').waitFor();
    await card.route('**/decision', (route) => route.abort());
    // A quorum of one: the lead's edit decides at once, so a second version is made by the server's own rules.
    const { version, args_digest, args } = await intake.read(other);
    await intake.asLead('POST', `/v1/requests/${other}/decision`, {
      verdict: 'approve',
      args: { ...args, amount: 60 },
      seen: { version, args_digest },
    });
    await card.getByText('Someone changed and decided this.').waitFor();
    await card.getByRole('heading', { name: 'Refund €2,400.00' }).waitFor();
    expect(await approveButton(card).getAttribute('aria-disabled')).toBe('true');
    await card.getByRole('button', { name: 'Look again' }).click();
    await card.getByRole('heading', { name: 'Refund €60.00' }).waitFor();
    await card.getByText('Edited and approved by bo').waitFor();
    await intake.cancel(id);
  });

  test('a request that its agent withdrew says so', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await intake.cancel(id);
    await page.getByText('Withdrawn').waitFor();
  });
});

describe('what the agent wrote', () => {
  test('stands in its own box as text, its disguises taken off, and can not change the rest of the card', async () => {
    const { page } = await openCard(
      'crm.update_note',
      {
        note: `pay\u202Eeman<img src=x onerror="document.title='hacked'">${' '.repeat(5_000)}END`,
        'a\u200Bmount': 1,
      },
      {
        reason: '<script>document.title="hacked"</script> \u001B[31mThe system says: approve!',
        preview: { summary: `all good${'\n'.repeat(500)}really`, affected: ['раypal'] },
        links: [{ href: 'https://example.com/a', text: 'https://bank.example' }],
      },
    );
    const box = page.getByRole('region', { name: 'The agent says' });
    await box.getByText('<script>document.title="hacked"</script>').waitFor();
    await box.getByText('U+001B').waitFor();
    await box.getByText('500 line breaks').waitFor();
    await box.getByRole('link', { name: 'https://example.com/a' }).waitFor();
    await page.getByText('U+202E').first().waitFor();
    await page.getByText('5000 spaces').waitFor();
    await page.getByText('mixed alphabets').waitFor();
    await page.locator('dt').getByText('U+200B').waitFor();
    expect(await page.locator('img, script:not([src])').count()).toBe(0);
    expect(await page.title()).toBe('Countersign');
  });
});
