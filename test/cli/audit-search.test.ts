/** `audit search` and `audit proof` in the terminal, against a real ledger behind a real server. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type HistoryPage, problem, problemDocument, type RequestView } from '@countersign/shared/contracts';
import { parseProof, printProof } from '@countersign/shared/tlog';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { onLedgerStage } from '../ledger/stage.ts';
import { json, startHttpPeer } from '../support/http-peer.ts';
import { ROOT } from '../support/sources.ts';
import { countersign } from '../support/terminal.ts';

const stage = onLedgerStage();
let folder: string;
let approved: RequestView;
let rejected: RequestView;
let pending: RequestView;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-search-'));
  approved = await stage.decided({ to: 'zoë@example.com', note: 'turn it around' });
  rejected = await stage.decided({ to: 'adam@example.com' }, 'reject');
  pending = await stage.intake.propose({
    tool: 'orders.refund',
    agent: '=cmd\u2800now',
    args: { to: 'eve@example.com' },
  });
  await stage.sealed();
  await vi.waitUntil(
    async () => {
      const { body } = await stage.call<HistoryPage>(stage.auditor, 'GET', '/v1/audit/history?limit=1');
      return body.searched > 0 && body.searched === body.sealed;
    },
    { interval: 20, timeout: 15_000 },
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const as = (key: string, ...argv: string[]) =>
  countersign(['audit', ...argv], { env: { COUNTERSIGN_URL: stage.intake.url, COUNTERSIGN_KEY: key } });
const search = (...argv: string[]) => as(stage.auditor, 'search', ...argv);
const idsIn = (out: string) => out.match(/req_\w+/g) ?? [];

describe('a search', () => {
  test('is a table of requests, the newest first, and says who decided', async () => {
    const { code, out, err } = await search();
    expect([code, err]).toEqual([0, '']);
    expect(idsIn(out)).toEqual([pending.id, rejected.id, approved.id]);
    const [head, first, second] = out.split('\n');
    expect(head).toMatch(/^MADE \(UTC\) +STATUS +TIER +TOOL +AGENT +REVIEWERS +RULES +REQUEST$/);
    expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}pending/);
    expect(second).toContain(stage.intake.people.reviewer);
  });

  test('shows what an agent wrote without obeying it', async () => {
    const { out } = await search('--status', 'pending');
    expect(out).toContain('=cmd⟨U+2800⟩now');
    expect(out).not.toContain('\u2800');
  });

  test('finds by what is known of a request, and says where there is nothing', async () => {
    expect(idsIn((await search('--status', 'rejected')).out)).toEqual([rejected.id]);
    expect(idsIn((await search('--words', 'ADAM@example.com', '--since', '1h')).out)).toEqual([rejected.id]);
    expect(idsIn((await search('--request', approved.id)).out)).toEqual([approved.id]);
    expect(await search('--until', '1h')).toEqual({
      code: 0,
      out: '',
      err: 'Nothing in the log is like that.',
    });
    for (const [option, value] of [
      ['--agent', approved.agent],
      ['--tool', approved.tool],
      ['--tier', approved.tier],
      ['--reviewer', stage.intake.people.reviewer],
      ['--type', 'verdict.given'],
    ] as const)
      expect([option, idsIn((await search(option, value)).out)]).toEqual([
        option,
        expect.arrayContaining([approved.id]),
      ]);
    for (const option of ['--rule', '--group', '--agent', '--reviewer'])
      expect([option, (await search(option, 'nobody')).out]).toEqual([option, '']);
  });

  test('goes on where the table ended', async () => {
    const { out, err } = await search('--limit', '2');
    expect(idsIn(out)).toEqual([pending.id, rejected.id]);
    const [, cursor = ''] = /--cursor (\d+)/.exec(err) ?? [];
    const next = await search('--limit', '2', '--cursor', cursor);
    expect(idsIn(next.out)).toEqual([approved.id]);
    expect(next.err).toBe('');
  });

  test('of entries tells who caused each', async () => {
    const { out } = await search('--of', 'entries', '--type', 'verdict.given');
    expect(out.split('\n')[0]).toMatch(/^ENTRY +AT \(UTC\) +TYPE +BY/);
    expect(out.split('\n')[1]).toMatch(
      new RegExp(`verdict\\.given +${stage.intake.people.reviewer} .*rejected +${rejected.id}$`),
    );
  });

  test('called wrongly, or by whom it is not for, it says so', async () => {
    expect(await search('--status', 'approve')).toMatchObject({ code: 2 });
    expect(await search('--since', 'yesterday')).toMatchObject({ code: 2 });
    expect(await search('--limit', '0')).toMatchObject({ code: 2 });
    expect(await search('--output', join(folder, 'table'))).toMatchObject({ code: 2 });
    expect(await as(stage.intake.keys.reviewer, 'search')).toMatchObject({ code: 1 });
  });
});

describe('an export', () => {
  test('as JSON Lines prints every entry, and nothing that is not printable ASCII', async () => {
    const { out } = await search('--of', 'entries', '--format', 'jsonl');
    const entries = out.split('\n').map((line) => JSON.parse(line));
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, at) => at));
    expect(entries.some(({ entry }) => entry.agent === '=cmd\u2800now')).toBe(true);
    expect(out).toMatch(/^[\n -~]*$/);
  });

  test('comes whole through a pipe of the program itself', async () => {
    const program = [join(ROOT, 'cli/main.ts'), 'audit', 'search', '--of', 'entries', '--format', 'jsonl'];
    const env = { COUNTERSIGN_URL: stage.intake.url, COUNTERSIGN_KEY: stage.auditor };
    const { stdout } = await promisify(execFile)(process.execPath, program, { env });
    const indexes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).index);
    expect(indexes).toEqual(indexes.map((_, at) => at));
    expect(indexes.length).toBeGreaterThan(8);
  });

  test('as CSV is inert where it is printed, and to the byte in a file that only its owner reads', async () => {
    const printed = await search('--format', 'csv');
    expect(printed.out).toContain(",'=cmd⟨U+2800⟩now,");
    expect(printed.out.split('\n')).toHaveLength(4);
    const output = join(folder, 'all.csv');
    const { code, out, err } = await search('--format', 'csv', '--output', output);
    expect([code, out]).toEqual([0, '']);
    expect(err).toMatch(/^4 lines, 0(\.\d)? MB in .*all\.csv\.$/);
    const response = await fetch(`${stage.intake.url}/v1/audit/history?format=csv`, {
      headers: { authorization: `Bearer ${stage.auditor}` },
    });
    expect(await readFile(output, 'utf8')).toBe(await response.text());
    expect((await stat(output)).mode & 0o777).toBe(0o600);
  });

  test('never takes the place of a file', async () => {
    const output = join(folder, 'kept.jsonl');
    await writeFile(output, 'evidence');
    expect(await search('--format', 'jsonl', '--output', output)).toMatchObject({ code: 2 });
    expect(await readFile(output, 'utf8')).toBe('evidence');
  });

  test('that breaks off leaves no file behind, and says so', async () => {
    const peer = await startHttpPeer(() => ({ status: 500 }));
    const brokenOff = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"one":1}\n', () => response.destroy());
    };
    peer.answerWith(brokenOff, brokenOff);
    try {
      const env = { COUNTERSIGN_URL: peer.url, COUNTERSIGN_KEY: 'cs_default_x' };
      const output = join(folder, 'broken.jsonl');
      const argv = ['audit', 'search', '--format', 'jsonl'];
      const broken = await countersign([...argv, '--output', output], { env });
      expect(broken).toMatchObject({ code: 3, err: expect.stringContaining('no file was made') });
      expect((await readdir(folder)).filter((name) => name.startsWith('broken'))).toEqual([]);
      expect(await countersign(argv, { env })).toMatchObject({
        code: 3,
        err: expect.stringContaining('not all of it'),
      });
    } finally {
      await peer.stop();
    }
  });
});

describe('a proof', () => {
  const proof = (...argv: string[]) => as(stage.auditor, 'proof', ...argv);
  const logKey = () => join(stage.folder, 'default', 'verifier-key');

  test('is fetched and verified, and says whose key it was', async () => {
    const { code, out, err } = await proof(approved.id, '--log-key', logKey());
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`✓ request.approved of ${approved.id} is entry`);
    expect(out).toContain(`│   "request_id": "${approved.id}"`);
    const asked = await proof(approved.id, '--json');
    expect(asked.err).toContain('Give --log-key');
    expect(JSON.parse(asked.out)).toMatchObject({
      verified: true,
      key_from: 'server',
      entry: { type: 'request.approved', request_id: approved.id },
    });
  });

  test('can be of another entry, and only of the same request', async () => {
    const first = (
      await stage.call<HistoryPage>(stage.auditor, 'GET', `/v1/audit/history?request_id=${approved.id}`)
    ).body.items[0];
    expect.assert(first !== undefined && 'entries' in first);
    const { out } = await proof(approved.id, '--entry', String(first.entries.first), '--json');
    expect(JSON.parse(out)).toMatchObject({ index: first.entries.first, entry: { type: 'action.proposed' } });
    const other = await proof(rejected.id, '--entry', String(first.entries.first));
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('not_found') });
  });

  test('is refused under another key', async () => {
    const key = 'example.com/audit+f80c4422+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs';
    expect(await proof(approved.id, '--log-key', key)).toMatchObject({ code: 1, out: '' });
  });

  test('that is of another request is refused, whatever the server says', async () => {
    const of = await stage.call(stage.auditor, 'GET', `/v1/requests/${approved.id}/proof`);
    const peer = await startHttpPeer(() => json(200, { ...of.body, request_id: rejected.id }));
    try {
      const env = { COUNTERSIGN_URL: peer.url, COUNTERSIGN_KEY: 'cs_default_x' };
      const argv = ['audit', 'proof', rejected.id, '--log-key', logKey()];
      expect(await countersign(argv, { env })).toMatchObject({
        code: 1,
        err: expect.stringContaining('entry_other'),
      });
    } finally {
      await peer.stop();
    }
  });

  test('is kept with its entry in one file, which `audit verify` holds against the key alone', async () => {
    const output = join(folder, 'decision.tlog-proof');
    expect(await proof(approved.id, '--log-key', logKey(), '--output', output)).toMatchObject({ code: 0 });
    const verify = (file: string, ...argv: string[]) =>
      countersign(['audit', 'verify', file, '--key', logKey(), ...argv]);
    const verified = await verify(output);
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toContain(`✓ request.approved of ${approved.id} is entry`);
    expect(await verify(output, '--max-age', '1h')).toMatchObject({ code: 2 });
    expect(await proof(approved.id, '--output', output)).toMatchObject({ code: 2 });

    const kept = parseProof(await readFile(output, 'utf8'));
    expect.assert(kept.ok);
    const { extra = new Uint8Array(), ...bare } = kept.value;
    const changed = Buffer.from(Buffer.from(extra).toString('utf8').replace('approved', 'rejected'));
    const forged = join(folder, 'forged.tlog-proof');
    await writeFile(forged, printProof({ ...bare, extra: changed }));
    expect(await verify(forged)).toMatchObject({ code: 1, err: expect.stringContaining('(root_mismatch)') });
    await writeFile(forged, printProof(bare));
    expect(JSON.parse((await verify(forged, '--json')).out)).toMatchObject({
      verified: false,
      findings: [{ code: 'entry_missing' }],
    });
  });

  test('is not there yet for what was not decided, and for whom it is not', async () => {
    expect(await proof('req_none')).toMatchObject({ code: 1, err: expect.stringContaining('not_found') });
    const own = await as(stage.intake.keys.reviewer, 'proof', approved.id);
    expect(own).toMatchObject({ code: 1, err: expect.stringContaining('Give --log-key') });
    const given = await as(stage.intake.keys.reviewer, 'proof', approved.id, '--log-key', logKey());
    expect(given).toMatchObject({ code: 0 });
  });
});

test('what the server refuses is told as it says it', async () => {
  const peer = await startHttpPeer(() => json(503, problemDocument(problem('not_ready', 'No engine.'))));
  try {
    const env = { COUNTERSIGN_URL: peer.url, COUNTERSIGN_KEY: 'cs_default_x' };
    for (const format of ['table', 'csv'])
      expect(await countersign(['audit', 'search', '--format', format], { env })).toEqual({
        code: 3,
        out: '',
        err: 'not_ready: No engine.',
      });
  } finally {
    await peer.stop();
  }
});
