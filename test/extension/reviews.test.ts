/** What ran before anyone looked, in real Chromium against a real intake. */
import type { JsonObject, Proposed, RequestView, Reviews } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { listed, settled } from '../../extension/reviews/rows.ts';
import { review } from './review.ts';
import { sampleRequest } from './sample.ts';
import { seriousFaults } from './serious-faults.ts';

const { intake, browser } = await review();

let n = 0;
/** Proposes a call that runs at once, runs it, and reports how it went; gives the request. */
async function run(tool: string, args: JsonObject = {}, status = 'succeeded'): Promise<RequestView> {
  n += 1;
  const sent = { customer: `Customer ${n}`, ...args };
  const body = { tool, args: sent, agent: 'order-processor' };
  const proposed = (await intake.asAgent('POST', '/v1/requests', body)).body as Proposed;
  if (proposed.decision !== 'allow') throw new Error(`expected to run: ${JSON.stringify(proposed)}`);
  await intake.asAgent('POST', '/v1/tokens/consume', { token: proposed.token, args: sent });
  const path = `/v1/requests/${proposed.request_id}`;
  return (await intake.asAgent('POST', `${path}/outcome`, { status })).body as RequestView;
}

/** Has somebody else say that everything looks fine, so that a test begins with an empty list. */
async function clear(): Promise<void> {
  const { items } = (await intake.asLead('GET', '/v1/reviews?limit=200')).body as Reviews;
  for (const { id, version, args_digest, status } of items) {
    const seen = { version, args_digest };
    if (status === 'running')
      await intake.asLead('POST', `/v1/requests/${id}/review`, { verdict: 'fine', seen });
    else await intake.asAgent('POST', `/v1/requests/${id}/outcome`, { status: 'undone' });
  }
}

async function openList(surface: 'popup' | 'card' = 'popup'): Promise<Page> {
  const page = await browser.open(surface, '#/reviews');
  page.setDefaultTimeout(12_000);
  await page.getByRole('heading', { name: 'Ran already, to look at' }).waitFor();
  return page;
}

const rowOf = (page: Page, { id }: RequestView) => page.locator(`li[data-request="${id}"]`);
const openRow = (page: Page, request: RequestView) => rowOf(page, request).locator('.row').click();

describe('the rows', () => {
  const running = (id: string) => sampleRequest({ id, status: 'running' });

  test('keep their places when they are over; what is new stands below', () => {
    const first = listed([], [running('a'), running('b')]);
    const second = listed(first, [running('c'), running('b')]);
    expect(second.map(({ request: { id }, over }) => [id, over])).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
  });

  test('an undo that was asked for is not over, a look that found nothing is', () => {
    const rows = listed([], [running('a'), running('b')]);
    const after = settled(rows, [
      sampleRequest({ id: 'a', status: 'undo_requested' }),
      sampleRequest({ id: 'b', status: 'reviewed' }),
    ]);
    expect(after.map(({ over }) => over)).toEqual([false, true]);
  });
});

describe('in the browser', () => {
  test('it is found from the queue, says that it ran and how, and is looked at with its whole card', async () => {
    await clear();
    const ran = await run('crm.tag', { tag: 'vip' });
    const page = await browser.open('card', '#/');
    await page.getByRole('link', { name: 'Ran already' }).first().click();
    await rowOf(page, ran).getByText('Ran, succeeded').waitFor();
    await openRow(page, ran);
    await page.getByRole('article').waitFor();
    await page.getByText('It ran already. It can be looked at and undone until').waitFor();
    await expect.poll(async () => (await intake.read(ran.id)).viewed_by).toEqual(['ann']);
    await page.getByRole('button', { name: 'Looks fine' }).click();
    await rowOf(page, ran).locator('.fate').getByText('Looked fine').waitFor();
    expect(await intake.read(ran.id)).toMatchObject({ status: 'reviewed', review: { by: 'ann' } });
    expect(await page.getByRole('button', { name: 'Looks fine' }).count()).toBe(0);
  });

  test('an undo takes a reason, is asked of the agent, and says that it is not done before the agent says so', async () => {
    await clear();
    const ran = await run('crm.tag', { tag: 'vip' });
    const page = await openList();
    await openRow(page, ran);
    await page.getByRole('button', { name: 'Undo…' }).click();
    const box = page.getByLabel('Why is it to be undone?');
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByText('The agent is asked to run crm.untag').waitFor();
    await page.getByText('It gave no address to be called at').waitFor();
    const send = page.getByRole('button', { name: 'Ask the agent to undo it' });
    expect(await send.getAttribute('aria-disabled')).toBe('true');
    await send.click({ force: true });
    expect((await intake.read(ran.id)).status).toBe('running');
    await box.fill('The wrong customer.');
    await send.click();
    await rowOf(page, ran).locator('.fate').getByText('To be undone').waitFor();
    expect((await intake.read(ran.id)).status).toBe('undo_requested');
    await intake.asAgent('POST', `/v1/requests/${ran.id}/outcome`, { status: 'undone' });
    const other = await browser.open('popup', `#/request/${ran.id}`);
    await other.getByText('Ran, and was undone').waitFor();
    await other.getByText('“The wrong customer.”').waitFor();
  });

  test('no undo is offered where policy names nothing that undoes it', async () => {
    await clear();
    const ran = await run('log.beacon');
    const page = await openList();
    await openRow(page, ran);
    await page.getByText('Policy names nothing that undoes this.').waitFor();
    expect(await page.getByRole('button', { name: 'Undo…' }).count()).toBe(0);
  });

  test('like ones that went well are marked in one go, after the rows that were drawn were opened', async () => {
    await clear();
    const ran = [await run('crm.tag'), await run('crm.tag'), await run('crm.tag')];
    const failed = await run('crm.tag', {}, 'failed');
    const page = await openList('card');
    const all = page.getByRole('button', { name: 'All 3 look fine' });
    await page.getByText('Open the one that is marked first').waitFor();
    expect(await all.getAttribute('aria-disabled')).toBe('true');
    await page.locator('li', { hasText: 'Open first' }).locator('.row').click();
    await expect.poll(() => all.getAttribute('aria-disabled')).toBe('false');
    await all.click();
    await expect
      .poll(() => Promise.all(ran.map(async ({ id }) => (await intake.read(id)).status)))
      .toEqual(['reviewed', 'reviewed', 'reviewed']);
    expect((await intake.read(failed.id)).status).toBe('running');
  });

  test('what somebody else has looked at keeps its place, and can no longer be marked', async () => {
    await clear();
    const ran = await run('crm.tag', { tag: 'gone' });
    const page = await openList();
    await openRow(page, ran);
    await page.getByRole('button', { name: 'Looks fine' }).waitFor();
    await clear();
    await rowOf(page, ran).locator('.fate').getByText('No longer here').waitFor();
    expect(await page.getByRole('button', { name: 'Looks fine' }).count()).toBe(0);
  });

  test('the whole of it is done by keyboard, and has no fault that axe finds serious', async () => {
    await clear();
    const ran = await run('crm.tag', { tag: 'vip' });
    const page = await openList();
    await rowOf(page, ran).locator('.row').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('article').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Undo…' }).focus();
    await page.keyboard.press('Space');
    await page.getByLabel('Why is it to be undone?').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('article').count()).toBe(0);
    await rowOf(page, ran).locator('.row').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Looks fine' }).focus();
    await page.keyboard.press('Enter');
    await rowOf(page, ran).locator('.fate').getByText('Looked fine').waitFor();
    expect((await intake.read(ran.id)).status).toBe('reviewed');
  });
});
