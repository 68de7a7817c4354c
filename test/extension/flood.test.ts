/** An agent that asks too much, and how a reviewer pauses it: real Chromium, real intake. */
import type { FreezeView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { floodingAgent } from '../../extension/flood/flooding.ts';
import type { Row } from '../../extension/keep/items.ts';
import { review } from './review.ts';

const { intake, browser } = await review({
  intake: { policy: 'version: 1\nflood: { asks: 20, window: 1m, throttle: 10m }\n' },
});

const rowsOf = (counts: Record<string, number>): Row[] =>
  Object.entries(counts).flatMap(([agent, count]) =>
    Array.from({ length: count }, (_, n) => ({
      id: `req_${agent}_${n}`,
      agent,
      tool: 'crm.update_note',
      tier: 'low' as const,
      title: [],
      created_at: new Date(n).toISOString(),
      expires_at: null,
      version: 1,
      revision: 1,
      needed: 1,
      given: 0,
    })),
  );

describe('who floods', () => {
  test('is the agent of which most waits, from ten on', () => {
    expect(floodingAgent([])).toBeNull();
    expect(floodingAgent(rowsOf({ calm: 9, quiet: 1 }))).toBeNull();
    expect(floodingAgent(rowsOf({ calm: 9, chatty: 10 }))).toEqual({ agent: 'chatty', waiting: 10 });
  });

  test('is never one whose name would stop others too', () => {
    expect(floodingAgent(rowsOf({ '*': 30 }))).toBeNull();
  });
});

describe('in the queue', () => {
  test('it is said who asks too much; a pause takes two clicks, cancels what waits and can be lifted', async () => {
    for (let n = 0; n < 12; n++) {
      await intake.propose('crm.update_note', { note: `n${n}` }, { agent: 'chatty' });
    }
    const calm = await intake.propose('crm.update_note', { note: 'calm' });
    const page = await browser.open('card', '#/');
    await page.getByText('has 12 requests waiting').waitFor();
    await page.getByRole('button', { name: 'Pause this agent' }).click();
    await page.getByText('It may run nothing until the pause is lifted').waitFor();
    await page.getByRole('button', { name: 'Pause it now' }).click();
    await page.getByText('is stopped.').waitFor();
    await page.getByText('1 waiting').waitFor();
    const { body } = await intake.asLead('GET', '/v1/freeze');
    expect((body as { items: FreezeView[] }).items).toMatchObject([
      { scope: 'agent', match: 'chatty', set_by: 'ann' },
    ]);
    expect((await intake.read(calm)).status).toBe('pending');

    await page.getByRole('button', { name: 'Lift' }).click();
    await page.getByText('is stopped.').waitFor({ state: 'detached' });
    await intake.propose('crm.update_note', { note: 'again' }, { agent: 'chatty' });
    await page.getByText('2 waiting').waitFor();
  });

  test('an agent that the server holds back is named with the reason and the time, and can be paused', async () => {
    const page = await browser.open('card', '#/');
    await page.locator('ul.queue').waitFor();
    const ask = (n: number) =>
      intake.asAgent('POST', '/v1/requests', {
        agent: 'pushy',
        tool: 'crm.update_note',
        args: { note: `p${n}` },
      });
    for (let n = 0; n < 20; n++) expect((await ask(n)).status).toBe(202);
    expect((await ask(20)).status).toBe(429);
    const notice = page.locator('.flood', { hasText: 'pushy' });
    await notice.getByText('is held back: it may ask nobody for').waitFor();
    await notice.getByText('pushy has asked people 20 times within 60 seconds.').waitFor();
    await notice.getByRole('button', { name: 'Pause this agent' }).click();
    await notice.getByRole('button', { name: 'Pause it now' }).click();
    await notice.waitFor({ state: 'detached' });
    const { body } = await intake.asLead('GET', '/v1/freeze');
    expect((body as { items: FreezeView[] }).items[0]).toMatchObject({
      match: 'pushy',
      reason: 'pushy has asked people 20 times within 60 seconds.',
    });
    await page.getByRole('button', { name: 'Lift' }).click();
    await page.getByText('is stopped.').waitFor({ state: 'detached' });
  });

  test('somebody else’s freeze shows at once, and is not this reviewer’s to lift', async () => {
    const page = await browser.open('popup', '#/');
    await page.locator('ul.queue').waitFor();
    const made = await intake.asLead('POST', '/v1/freeze', {
      scope: 'tool',
      match: 'db.drop_table',
      reason: 'Backups are off.',
    });
    await page.getByText('Backups are off.').waitFor();
    expect(await page.getByRole('button', { name: 'Lift' }).count()).toBe(0);
    const { id } = made.body as FreezeView;
    await intake.asLead('DELETE', `/v1/freeze/${id}`);
    await page.getByText('Backups are off.').waitFor({ state: 'detached' });
  });
});
