/** `POST /v1/policy/simulate`: over what was really proposed and decided, in lines, on record, for leads and admins. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PolicyDraft, type RunningPolicy, SimulationLine } from '@countersign/shared/contracts';
import { beforeAll, expect, test } from 'vitest';
import { countersign } from '../../support/terminal.ts';
import { onLedgerStage } from '../stage.ts';

const stage = onLedgerStage({ 'policy.yaml': 'version: 1\ndefault: approval_required\nrules: []\n' });
const text = `
version: 1
default: allow
rules: [{ name: abroad, tools: [orders.refund], when: param.country != "DE", effect: deny }]
`;
const files = [{ path: 'policy.yaml', text }];

const post = (key: string, body: unknown) =>
  fetch(`${stage.intake.url}/v1/policy/simulate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

let rejected: string;
beforeAll(async () => {
  rejected = (await stage.decided({ country: 'FR' }, 'reject')).id;
  await stage.decided({ country: 'DE' });
  await stage.sealed();
});

test('a lead is told how far it is, then the result', async () => {
  const response = await post(stage.intake.keys.lead, { files });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  const lines = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => SimulationLine.parse(JSON.parse(line)));
  expect(lines.slice(0, -1).every((line) => 'progress' in line)).toBe(true);
  expect(lines.at(-1)).toMatchObject({
    result: {
      actions: 2,
      was: { approval_required: 2 },
      would: { deny: 1, allow: 1 },
      faults: expect.arrayContaining([
        expect.objectContaining({ fault: 'rejected', n: 1, was: 1, would: 1 }),
      ]),
      changes: expect.arrayContaining([
        expect.objectContaining({ examples: [expect.objectContaining({ request_id: rejected })] }),
      ]),
    },
  });
  const events = await stage.redis.xrevrange('cs:{default}:feed', '+', '-', 'COUNT', 20);
  const told = events.map(([, fields]) => JSON.parse(fields[3] ?? '{}'));
  expect(told).toContainEqual(
    expect.objectContaining({
      type: 'audit.read',
      data: expect.objectContaining({ form: 'simulation', policy_digest: expect.stringMatching(/^sha256:/) }),
    }),
  );
});

test('a policy that does not load is refused with the place of what is wrong', async () => {
  const response = await post(stage.intake.keys.admin, { files: [{ path: 'a.yaml', text: 'version: 2' }] });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({
    code: 'policy_invalid',
    detail: expect.stringMatching(/^a\.yaml:1:10: This reads version 1\./),
    problems: [{ file: 'a.yaml', line: 1, column: 10 }],
  });
});

test('a lead reads the policy that runs, and what it would be with a rule more', async () => {
  const { lead, reviewer } = stage.intake.keys;
  const running = await stage.call<RunningPolicy>(lead, 'GET', '/v1/policy');
  expect(running.body).toMatchObject({
    digest: expect.stringMatching(/^sha256:/),
    files: [{ path: 'policy.yaml', text: expect.stringContaining('approval_required') }],
    rules: [],
  });
  const rules =
    '- { name: abroad, tools: [orders.refund], when: param.country != "DE", effect: deny, shadow: true }';
  const draft = await stage.call<PolicyDraft>(lead, 'POST', '/v1/policy/draft', { rules });
  expect(draft.body).toMatchObject({
    replaces: running.body.digest,
    changes: [{ path: expect.stringMatching(/^suggested-[-\d]+\.yaml$/), before: null }],
  });
  const wrong = await stage.call(lead, 'POST', '/v1/policy/draft', { rules: '- { name: x, effect: maybe }' });
  expect([wrong.status, wrong.body]).toEqual([422, expect.objectContaining({ code: 'policy_invalid' })]);
  expect((await stage.call(reviewer, 'GET', '/v1/policy')).status).toBe(403);
});

test('nobody but leads and admins may ask', async () => {
  for (const key of [stage.intake.keys.agent, stage.intake.keys.reviewer, stage.auditor])
    expect((await post(key, { files })).status).toBe(403);
});

test('the command line shows the same, from a server or from the folder', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-policies-'));
  try {
    writeFileSync(join(dir, 'policy.yaml'), text);
    const at = ['--url', stage.intake.url, '--key', stage.intake.keys.lead];
    const online = await countersign(['policy', 'simulate', dir, ...at, '--json']);
    const folder = join(stage.folder, 'default');
    const offline = await countersign(['policy', 'simulate', dir, '--history', folder, '--json']);
    expect([online.code, offline.code]).toEqual([0, 0]);
    expect(JSON.parse(online.out)).toEqual(JSON.parse(offline.out));
    const shown = await countersign([
      'policy',
      'simulate',
      join(dir, 'policy.yaml'),
      '--history',
      folder,
      '--since',
      '1h',
    ]);
    expect(shown.out).toMatch(/^Asked first: 0 of 2 \(0%\); it was 2 \(100%\)\.$/m);
    expect(shown.out).toMatch(/rejected by a reviewer\s+1\s+1\s+1\s+21%/);
    expect(shown.out).toContain(rejected);
    expect(shown.err).toMatch(/▓+ 100% {2}2 of 2 actions judged/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the command line says what is wrong: no log, no file, a policy that does not load', async () => {
  const nowhere = await countersign(['policy', 'simulate', 'policies', '--history', stage.folder]);
  expect([nowhere.code, nowhere.err]).toEqual([
    3,
    expect.stringContaining('name the folder of one workspace'),
  ]);
  expect((await countersign(['policy', 'simulate', 'none.yaml', '--history', stage.folder])).code).toBe(2);
  const since = await countersign([
    'policy',
    'simulate',
    'policies',
    '--history',
    stage.folder,
    '--since',
    'x',
  ]);
  expect([since.code, since.err]).toEqual([2, expect.stringContaining('write it like 30d')]);
});
