/** Standing grants: given on a card, listed on a page, revoked there. Real Chromium, real intake. */
import type { Grant, JsonObject, Proposed } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { durationText, likenessOf, offerOf } from '../../extension/grants/offer.ts';
import { showing } from '../../extension/grants/shown.ts';
import { refund } from './intake.ts';
import { review } from './review.ts';
import { sampleRequest } from './sample.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review();

describe('in words', () => {
  const request = sampleRequest({
    context: { customer: { id: 7 } },
    args: { to: 'kim', password: 'x', n: [1, 2] },
  });

  test('likeness shows each value with its name, and covers what the card covers', () => {
    expect(likenessOf(request, ['param.to', 'param.n', 'param.password', 'context.customer.id'])).toEqual([
      { path: 'param.to', label: 'To', text: 'kim' },
      { path: 'param.n', label: 'N', text: '[1,2]' },
      { path: 'param.password', label: 'Password' },
      { path: 'context.customer.id', label: 'Customer › Id', text: '7' },
    ]);
    expect(likenessOf(request, null)).toBeNull();
  });

  test('a time is a whole number of its largest unit', () => {
    expect([3600, 86_400, 5400, 45].map((seconds) => durationText(seconds, 'en'))).toEqual([
      '1 hour',
      '24 hours',
      '90 minutes',
      '45 seconds',
    ]);
  });

  test('a server that knows nothing of grants offers none', () => {
    expect(offerOf(request)).toBeUndefined();
    expect(offerOf({ ...request, grantable: { calls: 5, seconds: 60, per: null } })).toEqual({
      calls: 5,
      seconds: 60,
    });
  });
});

describe('the page', () => {
  const grant = (id: string, left = 5): Grant => ({
    id,
    by: 'ann',
    per: null,
    calls: 5,
    left,
    created_at: '2026-01-01T00:00:00Z',
    expires_at: '2026-01-01T01:00:00Z',
    request: sampleRequest(),
  });

  test('keeps what has ended in its place, and puts what is new below', () => {
    const first = showing([], [grant('a'), grant('b')]);
    const second = showing(first, [grant('c'), grant('b', 4)]);
    expect(second.map(({ grant: { id, left }, ended }) => [id, left, ended])).toEqual([
      ['a', 5, true],
      ['b', 4, false],
      ['c', 5, false],
    ]);
    expect(
      showing(
        second,
        second.map(({ grant: one }) => one),
      ).every(({ ended }) => !ended),
    ).toBe(true);
  });
});

describe('in the browser', () => {
  let n = 0;
  const comment = (ticket: string): JsonObject => ({
    ticket,
    author: { name: 'Kim Lee' },
    text: `Comment ${++n}`,
  });

  async function openCard(tool: string, args: JsonObject): Promise<{ id: string; page: Page }> {
    const id = await intake.propose(tool, args);
    const page = await browser.open('popup', `#/request/${id}`);
    await page.getByRole('article').waitFor();
    return { id, page };
  }

  const decisionOf = async (tool: string, args: JsonObject): Promise<string> => {
    const body = { tool, args, agent: 'order-processor' };
    return ((await intake.asAgent('POST', '/v1/requests', body)).body as Proposed).decision;
  };
  const choice = (page: Page) => page.getByRole('checkbox', { name: /like this/ });

  /** Approves a comment on this ticket and grants the next five. */
  async function grant(ticket: string): Promise<Page> {
    const { page } = await openCard('tickets.comment', comment(ticket));
    await choice(page).check();
    await page.getByRole('button', { name: 'Approve + next 5' }).and(page.locator('.ready')).click();
    await page.getByText('The next 5 like it run unasked').waitFor();
    return page;
  }

  test('nothing is granted unless it is ticked, and the button says which of the two it does', async () => {
    const { id, page } = await openCard('tickets.comment', comment('T-1'));
    await page.getByText('and the next 5 like this, for 1 hour').waitFor();
    expect(await choice(page).isChecked()).toBe(false);
    await page
      .getByRole('button', { name: /^Approve$|^Approve A$/ })
      .and(page.locator('.ready'))
      .click();
    await page.getByText('Approved by You').waitFor();
    expect(await intake.read(id)).not.toHaveProperty('granted');
    expect(await decisionOf('tickets.comment', comment('T-1'))).toBe('approval_required');
  });

  test('ticked, it says what "like this" means, takes a new arming, and lets the next like it through', async () => {
    const { id, page } = await openCard('tickets.comment', comment('T-2'));
    await page.locator('.approve.ready').waitFor();
    // Not looked for from outside: on a busy machine it may be armed anew before anyone looks.
    const disarmed = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          new MutationObserver(() => {
            if (document.querySelector('.approve.ready') === null) resolve();
          }).observe(document.body, { subtree: true, childList: true, attributes: true });
        }),
    );
    await choice(page).check();
    await disarmed;
    const meaning = page.locator('#grant-meaning');
    expect(await meaning.innerText()).toContain('with the same Ticket T-2, Author › Name Kim Lee.');
    await page.getByRole('button', { name: 'Approve + next 5' }).and(page.locator('.ready')).click();
    await page.getByText('The next 5 like it run unasked').waitFor();
    expect((await intake.read(id)).granted).toMatchObject({ calls: 5 });
    expect(await decisionOf('tickets.comment', comment('T-2'))).toBe('allow');
    expect(await decisionOf('tickets.comment', comment('T-3'))).toBe('approval_required');
  });

  test('the buttons keep their places when it is ticked', async () => {
    const { page } = await openCard('tickets.comment', comment('T-4'));
    const place = () => page.locator('.approve').boundingBox();
    const before = await place();
    await choice(page).check();
    expect(await place()).toEqual(before);
  });

  test('by keyboard alone, without the choice ever being in the way of A', async () => {
    const { id, page } = await openCard('tickets.label', { label: 'urgent' });
    await choice(page).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Approve + the next one' }).and(page.locator('.ready')).waitFor();
    await page.keyboard.press('a');
    await page.getByText('The next one like it runs unasked').waitFor();
    expect((await intake.read(id)).granted).toMatchObject({ calls: 1 });
  });

  test('where policy lets nothing be granted there is no choice', async () => {
    const { page } = await openCard('orders.process_refund', refund());
    expect(await choice(page).count()).toBe(0);
  });

  test('what a grant let through says so', async () => {
    const page = await grant('T-5');
    const { body } = await intake.asAgent('POST', '/v1/requests', {
      tool: 'tickets.comment',
      args: comment('T-5'),
      agent: 'order-processor',
    });
    const allowed = body as Extract<Proposed, { decision: 'allow' }>;
    await page.goto(page.url().replace(/#.*/, `#/request/${allowed.request_id}`));
    await page.getByText('Let through by a grant of You').waitFor();
  });

  test('the page lists it, follows its use, and a click revokes it', async () => {
    const page = await grant('T-6');
    await page.getByRole('link', { name: 'Grants' }).first().click();
    const row = page.getByRole('listitem').filter({ hasText: 'Comment on T-6' });
    await row.getByText('5 of 5 calls left').waitFor();
    expect(await row.innerText()).toContain('given by You');
    await decisionOf('tickets.comment', comment('T-6'));
    await row.getByText('4 of 5 calls left').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    const revoke = row.getByRole('button', { name: 'Revoke' });
    await revoke.click();
    await row.getByText('No longer in force').waitFor();
    expect(await revoke.count()).toBe(0);
    expect(await decisionOf('tickets.comment', comment('T-6'))).toBe('approval_required');
  });

  test('one that another reviewer revokes says so on the open page at once, and nothing moves', async () => {
    const page = await grant('T-7');
    await page.getByRole('link', { name: 'Grants' }).first().click();
    const row = page.getByRole('listitem').filter({ hasText: 'Comment on T-7' });
    await row.waitFor();
    const before = await row.boundingBox();
    const { items } = (await intake.asLead('GET', '/v1/grants')).body as {
      items: { id: string; request: { args: JsonObject } }[];
    };
    const id = items.find(({ request }) => request.args.ticket === 'T-7')?.id;
    await intake.asLead('DELETE', `/v1/grants/${id}`);
    await row.getByText('No longer in force').waitFor();
    expect(await row.boundingBox()).toMatchObject({ x: before?.x, y: before?.y });
  });
});
