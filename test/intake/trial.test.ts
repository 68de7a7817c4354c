/** A trial over HTTP: while it lasts it asks less, and afterwards what it stood in for is back, without anybody's doing. */
import type { Proposed } from '@countersign/shared/contracts';
import { expect, test } from 'vitest';
import { onStage } from './stage.ts';

const trial = (tool: string, expires: string) => `
  - { name: ${tool}-all, tools: [${tool}], effect: approval_required }
  - name: ${tool}-tried
    tools: [${tool}]
    when: param.amount > 50
    effect: approval_required
    instead_of: [${tool}-all]
    otherwise: allow
    expires: ${expires}
    approved_by: [ann, bo]`;
const stage = onStage(`version: 1\nrules:${trial('lasts', '2999-01-01')}${trial('over', '2020-01-01')}\n`);

const ask = async (tool: string, amount: number): Promise<Proposed> =>
  (await stage.propose({ tool, args: { amount } })).body;

test('a trial that lasts asks where its condition holds, and lets the rest run', async () => {
  expect(await ask('lasts', 80)).toMatchObject({
    decision: 'approval_required',
    request: { rules: ['lasts-tried'] },
  });
  expect(await ask('lasts', 20)).toMatchObject({ decision: 'allow', rules: ['lasts-tried'] });
});

test('a trial that is over by the clock of Redis is as if it were not written', async () => {
  for (const amount of [20, 80])
    expect(await ask('over', amount)).toMatchObject({
      decision: 'approval_required',
      request: { rules: ['over-all'] },
    });
});

test('what it asked about is decided under it, too', async () => {
  const request = await stage.ask('lasts', { amount: 90 });
  const { body } = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  expect(body.status).toBe('approved');
});
