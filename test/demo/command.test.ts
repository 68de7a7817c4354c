/** `npm run demo` as a person runs it: a process with a server of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../support/sources.ts';

const dirs: string[] = [];
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGTERM');
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

function runDemo(...options: string[]) {
  const data = mkdtempSync(join(tmpdir(), 'countersign-demo-command-'));
  dirs.push(data);
  const child = spawn(process.execPath, ['demo/main.ts', '--data', data, '--speed', '0', ...options], {
    cwd: ROOT,
    // Continuous integration counts as a terminal with colours otherwise.
    env: { ...process.env, NO_COLOR: '1' },
  });
  children.push(child);
  const shown = { text: '' };
  child.stdout.on('data', (chunk) => {
    shown.text += chunk;
  });
  child.stderr.on('data', (chunk) => {
    shown.text += chunk;
  });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  return { data, child, shown, exit };
}

test('--auto plays the example hands off, checks itself and leaves no server behind', async () => {
  const { data, shown, exit } = runDemo('--auto');
  expect(await exit, shown.text).toBe(0);
  expect(shown.text).toMatch(
    /calls +12\n.*ran +10\n.*waited for a person +4\n.*edited +1 .*\n.*rejected +1 .*\n.*denied by policy +1 .*\n.*ran twice +0\n/,
  );
  expect(shown.text).toContain('✓ every approved call ran once');
  const journal = /what the tools did: (\S+)/.exec(shown.text)?.[1] ?? '';
  const ran = readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(ran).toHaveLength(10);
  expect(ran.filter(({ tool }) => tool === 'send_certificate').map(({ args }) => args.amount)).toEqual([75]);
  expect(existsSync(join(data, 'started.json'))).toBe(false);
}, 60_000);

test('Ctrl-C ends it in good order: nothing that waited has run, and the server is gone', async () => {
  const { data, child, shown, exit } = runDemo();
  await expect.poll(() => shown.text, { timeout: 50_000 }).toContain('waits for a person');
  const { url } = JSON.parse(readFileSync(join(data, 'started.json'), 'utf8'));
  child.kill('SIGINT');
  expect(await exit, shown.text).toBe(1);
  expect(shown.text).toMatch(/update_reservation_flights.* interrupted/);
  expect(shown.text).toContain('no other call ran');
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
}, 60_000);

test('what a person can mend is told in a line, before anything is started', async () => {
  const cases: [string[], string][] = [
    [['--auto', '--url', 'http://127.0.0.1:1', '--key', 'k'], '--auto needs the reviewers’ keys'],
    [['--url', 'http://127.0.0.1:1'], '--url and --key go together'],
    [['--together', 'x'], 'It must be a number of at least 1.'],
    [['--calls', 'nowhere.jsonl'], 'no such file'],
  ];
  for (const [options, message] of cases) {
    const { shown, exit } = runDemo(...options);
    expect(await exit).toBe(1);
    expect(shown.text).toContain(message);
    expect(shown.text).not.toContain('    at ');
  }
});
