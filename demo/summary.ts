/** The last screen: what became of the calls, and whether it holds together. */
import pc from 'picocolors';
import type { Findings } from './check.ts';
import { inert } from './inert.ts';

/** Lines of the table, then of the problems, then one verdict. */
export function summary(found: Findings): string[] {
  const rows: [string, number, string][] = [
    ['calls', found.calls, ''],
    ['ran', found.ran, found.failed > 0 ? `of which ${found.failed} failed in the tool` : ''],
    ['waited for a person', found.waited, ''],
    ['edited', found.edited, 'ran with the edited arguments'],
    ['rejected', found.rejected, 'never ran'],
    ['denied by policy', found.denied, 'never ran, nobody was asked'],
    ['timed out', found.timed_out, 'never ran'],
    ['other', found.other, 'never ran'],
    ['ran twice', found.duplicates, ''],
  ];
  const always = new Set(['calls', 'ran', 'ran twice']);
  const table = rows
    .filter(([name, count]) => count > 0 || always.has(name))
    .map(([name, count, what]) =>
      `  ${name.padEnd(22)}${String(count).padStart(6)}  ${pc.dim(what)}`.trimEnd(),
    );
  const problems = found.problems.map((each) => pc.red(`  ✗ ${inert(each, 300)}`));
  const verdict =
    found.problems.length === 0
      ? pc.green(
          '  ✓ every approved call ran once, with exactly the arguments of its decision; no other call ran',
        )
      : pc.red(`  ✗ ${found.problems.length} of these do not hold together`);
  return [...table, '', ...problems, verdict];
}
