/** Standing grants in the terminal, against a real server. */
import type { RequestView } from '@countersign/shared/contracts';
import { expect, test } from 'vitest';
import { stage } from './stage.ts';

const POLICY = `
version: 1
tools: { tickets.comment: { card: { title: "Comment on {ticket}" } } }
rules:
  - { name: comments, effect: approval_required, grants: { calls: 5, for: 1h, per: [param.ticket] } }
`;

const { intake, as } = await stage(POLICY);
const countersigned = (...argv: string[]) => as('reviewer', ...argv);

async function grant(ticket: string): Promise<RequestView> {
  const { id, version, args_digest } = await intake.propose({ tool: 'tickets.comment', args: { ticket } });
  const body = { verdict: 'approve', seen: { version, args_digest }, grant: { calls: 5, seconds: 3600 } };
  return (await intake.call<RequestView>(intake.keys.reviewer, 'POST', `/v1/requests/${id}/decision`, body))
    .body;
}

test('a reviewer lists what runs unasked, and revokes it', async () => {
  expect(await countersigned('grants')).toMatchObject({
    code: 0,
    out: expect.stringContaining('No grant is in force'),
  });

  const { id, granted } = await grant('T\u001b[2J-1');
  const listed = await countersigned('grants');
  expect(listed.out).toMatch(new RegExp(`${granted?.id}  5 of 5 calls left, .* left  Comment on “T.*-1”`));
  expect(listed.out).toContain(`tickets.comment by tester with the same ticket; given by ann with ${id}`);
  expect(listed.out).not.toContain('\u001b');
  expect(JSON.parse((await countersigned('grants', '--json')).out).items).toHaveLength(1);
  expect((await countersigned('show', id)).out).toContain('the next 5 like it run unasked');

  const revoked = await countersigned('grants', 'revoke', granted?.id ?? '');
  expect(revoked).toMatchObject({ code: 0, out: expect.stringContaining('is revoked') });
  const again = await countersigned('grants', 'revoke', granted?.id ?? '', '--url', intake.url);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('not_found') });
});

test('a call that a grant let through says so', async () => {
  const { granted } = await grant('T-2');
  const body = { agent: 'tester', tool: 'tickets.comment', args: { ticket: 'T-2', text: 'more' } };
  const { body: through } = await intake.call<{ request_id: string }>(
    intake.keys.agent,
    'POST',
    '/v1/requests',
    body,
  );
  const { out } = await countersigned('show', through.request_id);
  expect(out).toContain(`let through by the grant ${granted?.id} of ann`);
});
