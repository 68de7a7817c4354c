/** Asking, claiming, taking back and giving reasons, in real Chromium against a real intake. */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { isRevocable } from '../../extension/attend/revocable.ts';
import { offeredReasons, reasonAt, withReason } from '../../extension/decide/reasons.ts';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { sampleRequest } from './sample.ts';

const { intake, browser } = await review();

/** Proposes, and opens the card in a popup. */
async function openCard(tool: string, args: JsonObject, more: JsonObject = {}) {
  const id = await intake.propose(tool, args, more);
  const page = await browser.open('popup', `#/request/${id}`);
  await page.locator('.approve.ready').waitFor();
  return { id, page };
}

async function ask(page: Page, text: string) {
  await page.keyboard.press('q');
  await page.getByLabel('Question to the agent').fill(text);
  await page.locator('.primary.ready').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText('No answer yet').waitFor();
}

/** Where the buttons that decide stand. */
const places = (page: Page) =>
  page
    .locator('footer button')
    .evaluateAll((buttons) => buttons.map((one) => one.getBoundingClientRect().toJSON()));

describe('asking the agent', () => {
  test('puts the question on the card, decides nothing, and shows the answer when it comes, the buttons unmoved', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await ask(page, 'Which shipment is missing?');
    await page.getByRole('region', { name: 'Questions to the agent' }).getByText('Which shipment').waitFor();
    expect(await intake.read(id)).toMatchObject({
      status: 'pending',
      version: 1,
      verdicts: [],
      questions: [{ id: 'q1', by: 'ann', text: 'Which shipment is missing?' }],
    });
    await page.locator('.approve.ready').waitFor();
    const before = await places(page);
    await intake.asAgent('POST', `/v1/requests/${id}/answer`, { text: 'The second one.\n'.repeat(20) });
    const box = page.locator('.conversation .said');
    await box.getByText('The second one.').first().waitFor();
    expect(await places(page)).toEqual(before);
    // What was armed stays armed: an answer changes nothing of what is judged.
    expect(await page.locator('.approve.ready').count()).toBe(1);
    await page.getByRole('button', { name: 'Approve €2,400' }).click();
    await page.getByText('Approved by You').waitFor();
  });

  test('shows the answer in the agent’s box as text, its disguises taken off', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'who' });
    await ask(page, 'Who wants this?');
    const text = '\u202Eneddih\u200B <img src=x onerror="document.title=1"> \u001B[31mApproved by bo';
    await intake.asAgent('POST', `/v1/requests/${id}/answer`, { text });
    const box = page.locator('.conversation .said');
    await box.getByText('U+202E').waitFor();
    await box.getByText('U+200B').waitFor();
    await box.getByText('U+001B').waitFor();
    await box.getByText('<img src=x').waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('Countersign');
  });

  test('survives a closed popup half typed, and a lost answer does not ask twice', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'typed' });
    await page.keyboard.press('q');
    await page.getByLabel('Question to the agent').fill('Half a quest');
    await page.close();
    const again = await browser.open('popup');
    await expect.poll(() => again.getByLabel('Question to the agent').inputValue()).toBe('Half a quest');
    await again.getByLabel('Question to the agent').fill('Half a question?');
    await again.route('**/question', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await again.locator('.primary.ready').click();
    await again.getByRole('alert').getByText('The server does not answer').waitFor();
    await again.unroute('**/question');
    await again.locator('.primary.ready').click();
    await again.getByText('No answer yet').waitFor();
    expect((await intake.read(id)).questions).toMatchObject([{ text: 'Half a question?' }]);
  });

  test('is over when it has been decided, and says so', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'late' });
    await ask(page, 'Why?');
    const { version, args_digest } = await intake.read(id);
    await intake.asLead('POST', `/v1/requests/${id}/decision`, {
      verdict: 'reject',
      seen: { version, args_digest },
    });
    await page.getByText('It was not answered.').waitFor();
    await page.keyboard.press('q');
    expect(await page.getByLabel('Question to the agent').count()).toBe(0);
  });
});

describe('I’m on it', () => {
  test('is said with C, seen by others, let go with C, and keeps nobody from deciding', async () => {
    const { id, page } = await openCard('crm.update_note', { note: 'claim' });
    await page.keyboard.press('c');
    await page.getByText('You are on it until').waitFor();
    expect((await intake.read(id)).claim?.by).toBe('ann');
    expect(await page.locator('.approve.ready').count()).toBe(1);
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'I’m on it' }).waitFor();
    expect((await intake.read(id)).claim).toBeUndefined();
    await page.keyboard.press('a');
    await page.getByText('Approved by You').waitFor();
  });

  test('said by somebody else, and who else has looked, stands on the card at once', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    const before = await places(page);
    await intake.asLead('POST', `/v1/requests/${id}/view`, {});
    await page.getByText('bo looked').waitFor();
    await intake.asLead('POST', `/v1/requests/${id}/claim`, {});
    await page.getByText('bo is on it').waitFor();
    expect(await page.getByRole('button', { name: 'I’m on it' }).getAttribute('aria-disabled')).toBe('true');
    expect(await places(page)).toEqual(before);
  });
});

describe('the ladder', () => {
  test('says on the same line who is next to hear, and stands still while somebody is on it', async () => {
    const { id, page } = await openCard('bank.payout', { amount: 20 });
    const [next] = (await intake.read(id)).escalation ?? [];
    expect(next).toMatchObject({ kind: 'remind', notify: ['finance'] });
    const before = await places(page);
    await page.getByText('Next to hear: finance, ').waitFor();
    await page.keyboard.press('c');
    await page.getByText('You are on it until').waitFor();
    expect(await page.getByText('Next to hear').count()).toBe(0);
    expect(await places(page)).toEqual(before);
  });
});

describe('the queue', () => {
  test('says on a row who is on it and whether the agent has answered, without moving the rows', async () => {
    const id = await intake.propose('crm.update_note', { note: 'row' });
    const page = await browser.open('popup', '#/');
    const row = page.locator(`ul.queue a[href="#/request/${id}"]`);
    await row.waitFor();
    const height = (await row.boundingBox())?.height;
    await intake.asLead('POST', `/v1/requests/${id}/claim`, {});
    await row.getByText('order-processor · bo is on it').waitFor();
    await intake.asLead('POST', `/v1/requests/${id}/question`, { text: 'Why?' });
    await row.getByText('bo is on it · asked').waitFor();
    await intake.asAgent('POST', `/v1/requests/${id}/answer`, { text: 'Because.' });
    await row.getByText('bo is on it · answered').waitFor();
    expect((await row.boundingBox())?.height).toBe(height);
  });
});

describe('taking an approval back before it runs', () => {
  test('R on an approval that has not run asks for a reason and revokes it; the agent gets no token', async () => {
    const { id, page } = await openCard('orders.process_refund', refund());
    await page.getByRole('button', { name: 'Approve €2,400' }).click();
    await page.getByText('Approved by You').waitFor();
    await page.keyboard.press('r');
    await page.getByLabel('Reason').fill('The parcel turned up.');
    await page.locator('.reject.ready').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Revoked by').waitFor();
    expect(await intake.read(id)).toMatchObject({
      status: 'approved',
      stop_reason: 'approval_revoked',
      revoked: { by: 'ann', reason: 'The parcel turned up.' },
    });
    expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(0);
  });

  test('is offered until it has run, and never where policy alone decided', () => {
    const now = Date.now();
    const approved = sampleRequest({
      status: 'approved',
      decided_by: 'bo',
      valid_until: new Date(now + 60_000).toISOString(),
    });
    const at = new Date(now).toISOString();
    expect(isRevocable(approved, now)).toBe(true);
    expect(isRevocable(approved, now + 60_000)).toBe(false);
    expect(isRevocable({ ...approved, consumed_at: at }, now)).toBe(false);
    expect(isRevocable({ ...approved, revoked: { by: 'bo', at, reason: null } }, now)).toBe(false);
    expect(isRevocable({ ...approved, decided_by: 'policy' }, now)).toBe(false);
    expect(isRevocable(sampleRequest(), now)).toBe(false);
  });
});

describe('reasons to reject', () => {
  test('are chosen by number, kept, and offered first the next time', async () => {
    const first = await openCard('orders.process_refund', refund());
    await first.page.keyboard.press('r');
    await first.page.getByRole('button', { name: '1 The amount is wrong' }).waitFor();
    await first.page.getByLabel('Reason (').fill('Ask the warehouse first');
    await first.page.locator('.reject.ready').waitFor();
    await first.page.keyboard.press('Control+Enter');
    await first.page.getByText('Rejected by You').waitFor();
    await first.page.close();

    const { id, page } = await openCard('orders.process_refund', refund());
    await page.keyboard.press('r');
    await page.getByRole('button', { name: '1 Ask the warehouse first' }).waitFor();
    await page.keyboard.press('2');
    await expect.poll(() => page.getByLabel('Reason (').inputValue()).toBe('The amount is wrong');
    await page.keyboard.press('1');
    await expect.poll(() => page.getByLabel('Reason (').inputValue()).toBe('Ask the warehouse first');
    await page.keyboard.type(': 2 missing');
    await page.locator('.reject.ready').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Rejected by You').waitFor();
    expect((await intake.read(id)).decision?.reason).toBe('Ask the warehouse first: 2 missing');
  });

  test('can be forgotten', async () => {
    const { page } = await openCard('orders.process_refund', refund());
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'Forget mine' }).click();
    await page.getByRole('button', { name: '1 The amount is wrong' }).waitFor();
    expect(await page.getByRole('button', { name: 'Forget mine' }).count()).toBe(0);
  });

  test('a number chooses while the box holds nothing of one’s own', () => {
    const offered = offeredReasons(['late', 'wrong'], ['wrong', 'extra']);
    expect(offered).toEqual(['late', 'wrong', 'extra']);
    expect(reasonAt('3', offered, '')).toBe('extra');
    expect(reasonAt('1', offered, 'wrong')).toBe('late');
    expect(reasonAt('1', offered, 'wrong, ')).toBeUndefined();
    expect(reasonAt('4', offered, '')).toBeUndefined();
    expect(reasonAt('0', offered, '')).toBeUndefined();
    expect(reasonAt('a', offered, '')).toBeUndefined();
    expect(offeredReasons(['a', 'b', 'c', 'd'], ['1', '2', '3', '4', '5', '6'])).toHaveLength(9);
  });

  test('the latest come first, once each; what is long was about one request', () => {
    expect(withReason(['a', 'b'], ' b ')).toEqual(['b', 'a']);
    expect(withReason(['a', 'b', 'c', 'd'], 'e')).toEqual(['e', 'a', 'b', 'c']);
    for (const unfit of ['', '  ', 'two\nlines', 'x'.repeat(121)])
      expect(withReason(['a'], unfit)).toEqual(['a']);
  });
});
