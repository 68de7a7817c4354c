/** What a card needs beside the request itself: what policy covers, and what the run asked for before. */
import type { SearchResult } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
default: approval_required
tools:
  vault.store: { mask: [value, owner.phone] }
rules:
  - { name: money, tools: [pay.*], effect: approval_required, reviewers: [finance] }
`);

const ofRun = async (key: string, run_id: string) => {
  const query = new URLSearchParams({ run_id });
  const { body } = await stage.call<SearchResult>(key, 'GET', `/v1/requests?${query}`);
  return body.items.map(({ id }) => id);
};

describe('a card', () => {
  test('knows which arguments policy covers; they still run and are still shown to who asks', async () => {
    const request = await stage.ask('vault.store', { value: 'hunter2', name: 'db' });
    expect(request).toMatchObject({
      tool_facts: { mask: ['value', 'owner.phone'] },
      args: { value: 'hunter2' },
    });
    const other = await stage.ask('vault.read', { name: 'db' });
    expect(other.tool_facts).not.toHaveProperty('mask');
  });

  test('finds what its run asked for, newest first, and nothing that is not this reviewer’s', async () => {
    await stage.intake.addReviewer('fay', ['finance']);
    const first = await stage.ask('mail.send', { to: 'a' }, { run_id: 'run-1' });
    const paid = await stage.ask('pay.out', { amount: 1 }, { run_id: 'run-1' });
    const last = await stage.ask('mail.send', { to: 'b' }, { run_id: 'run-1' });
    await stage.ask('mail.send', { to: 'c' }, { run_id: 'run-2' });
    await stage.ask('mail.send', { to: 'd' });
    await stage.decide(stage.keys.reviewer, first, { verdict: 'reject' });
    expect(await ofRun(stage.keys.lead, 'run-1')).toEqual([last.id, paid.id, first.id]);
    expect(await ofRun(stage.keys.reviewer, 'run-1')).toEqual([last.id, first.id]);
    expect(await ofRun(stage.keys.lead, 'run-3')).toEqual([]);
  });
});
