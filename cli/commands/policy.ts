/** `policy check` and `policy test`: policies on disk, judged before they are deployed. No server is needed. */
import { basename, dirname, join } from 'node:path';
import {
  isPolicyTest,
  loadPolicySet,
  type PolicyFile,
  type PolicyProblem,
  type PolicyTestRun,
  runPolicyTests,
} from '@countersign/shared/policy';
import { DEFAULT_WORKSPACE, readPolicyDirectory, readPolicyFolder } from '@countersign/shared/policy-files';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Loads every workspace of a directory and says what is wrong, as `file:line:column: code: message`. */
export async function checkPolicies(
  dir: string,
  options: { json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const read = await readPolicyDirectory(dir);
  if (!read.ok) return refuse(read.message, terminal);
  const checked = [...read.workspaces].map(([workspace, files]) => {
    const folder = workspace === DEFAULT_WORKSPACE ? dir : join(dir, workspace);
    return { workspace, folder, files, loaded: loadPolicySet(files) };
  });
  const sound = checked.every(({ loaded }) => loaded.ok);
  if (options.json) {
    const workspaces = checked.map(({ workspace, loaded }) =>
      loaded.ok
        ? {
            workspace,
            ok: true,
            digest: loaded.set.digest,
            rules: loaded.set.rules.length,
            canaries: loaded.set.library.length,
            warnings: loaded.warnings,
          }
        : { workspace, ok: false, problems: loaded.problems },
    );
    terminal.out(inertJson({ ok: sound, workspaces }));
    return sound ? exitCode.done : exitCode.refused;
  }
  for (const { workspace, folder, files, loaded } of checked) {
    if (loaded.ok) {
      for (const warning of loaded.warnings) terminal.out(`${describe(folder, warning)} (a warning)`);
      const count = files.filter(({ path }) => !isPolicyTest(path)).length;
      const { rules, library, digest } = loaded.set;
      const parts = [plural(count, 'file'), plural(rules.length, 'rule')];
      if (library.length > 0) parts.push(library.length === 1 ? '1 canary' : `${library.length} canaries`);
      terminal.out(`${workspace}: ${[...parts, digest].join(', ')}`);
    } else for (const problem of loaded.problems) terminal.out(describe(folder, problem));
  }
  return sound ? exitCode.done : exitCode.refused;
}

/**
 * Runs test cases against the policies that stand beside them, and says of each failing one what differs.
 *
 * @param files `*.test.yaml` files; all of the directory's workspaces when there are none
 */
export async function testPolicies(
  files: readonly string[],
  options: { json?: boolean; policies: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const found = await findTests(files, options.policies);
  if (!found.ok) return refuse(found.message, terminal);
  if (found.tests.length === 0) return refuse(`There is no *.test.yaml in ${options.policies}.`, terminal);
  const runs = found.tests.map((test) => ({ file: test.file, run: runTest(test) }));
  if (options.json) terminal.out(inertJson(runs.map(({ file, run }) => ({ file, ...run }))));
  else for (const { file, run } of runs) report(file, run, terminal);
  const cases = runs.flatMap(({ run }) => (run.ok ? run.results : []));
  const passed = cases.filter((result) => result.passed).length;
  const broken = runs.filter(({ run }) => !run.ok).length;
  if (!options.json) {
    const unread = broken === 0 ? '' : `, ${plural(broken, 'file')} could not be run`;
    terminal.out(`${passed} passed, ${cases.length - passed} failed${unread}`);
  }
  return passed === cases.length && broken === 0 ? exitCode.done : exitCode.refused;
}

type Test = { file: string; text: string; beside: PolicyFile[] };

async function findTests(
  files: readonly string[],
  dir: string,
): Promise<{ ok: true; tests: Test[] } | { ok: false; message: string }> {
  if (files.length === 0) {
    const read = await readPolicyDirectory(dir);
    if (!read.ok) return read;
    const tests = [...read.workspaces].flatMap(([workspace, beside]) => {
      const folder = workspace === DEFAULT_WORKSPACE ? dir : join(dir, workspace);
      return beside
        .filter(({ path }) => isPolicyTest(path))
        .map(({ path, text }) => ({ file: join(folder, path), text, beside }));
    });
    return { ok: true, tests };
  }
  const tests: Test[] = [];
  for (const file of files) {
    const beside = await readPolicyFolder(dirname(file)).catch(() => []);
    const text = beside.find(({ path }) => path === basename(file))?.text;
    if (text === undefined)
      return { ok: false, message: `${inert(file)} is not a YAML file that can be read.` };
    tests.push({ file, text, beside });
  }
  return { ok: true, tests };
}

/** A test may bring its own policies, so those beside it need not load. */
function runTest({ file, text, beside }: Test): PolicyTestRun {
  const loaded = loadPolicySet(beside);
  const run = runPolicyTests(loaded.ok ? loaded.set : null, text, basename(file));
  const needsThoseBeside =
    !run.ok && !loaded.ok && run.problems.every(({ code }) => code === 'invalid_value');
  return needsThoseBeside ? { ok: false, problems: loaded.problems } : run;
}

function report(file: string, run: PolicyTestRun, terminal: Terminal): void {
  if (!run.ok) {
    for (const problem of run.problems) terminal.out(describe(dirname(file), problem));
    return;
  }
  for (const { name, line, passed, differences } of run.results) {
    if (passed) continue;
    terminal.out(`${inert(file)}:${line}: ${inert(name)}`);
    for (const difference of differences) terminal.out(`  ${inert(difference)}`);
  }
}

function describe(folder: string, { file, line, column, code, message }: PolicyProblem): string {
  const where = file === '' ? folder : `${join(folder, file)}:${line}:${column}`;
  return `${inert(where)}: ${code}: ${inert(message)}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function refuse(message: string, terminal: Terminal): ExitCode {
  terminal.err(inert(message));
  return exitCode.refused;
}
