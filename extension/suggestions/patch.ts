/**
 * The difference that a draft makes, as `git apply` takes it. A draft adds or changes lines in one place of a file, so a
 * file has one hunk: what both have at their beginnings and ends is left out but for three lines. (The library that
 * compares edited arguments is part of every card; what it takes for patches would come with it.)
 */
import type { PolicyDraft } from '@countersign/shared/contracts';

/** Lines that are shown around a change. */
const context = 3;

/** The folder of a workspace's policies, as they usually lie in a repository. */
export const folderOf = (workspace: string): string =>
  workspace === 'default' ? 'policies' : `policies/${workspace}`;

/** A patch of all files that would be others; empty where none would. */
export function patchOf({ changes }: PolicyDraft, folder: string): string {
  return changes
    .map(({ path, before, text }) => {
      const [was, is] = [before === null ? '/dev/null' : `a/${folder}/${path}`, `b/${folder}/${path}`];
      const mode = before === null ? 'new file mode 100644\n' : '';
      return `diff --git a/${folder}/${path} ${is}\n${mode}--- ${was}\n+++ ${is}\n${hunkOf(linesOf(before ?? ''), linesOf(text))}`;
    })
    .join('');
}

/** Each line with its end; the last one may have none. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function hunkOf(was: readonly string[], is: readonly string[]): string {
  const shorter = Math.min(was.length, is.length);
  let head = 0;
  while (head < shorter && was[head] === is[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && was.at(-1 - tail) === is.at(-1 - tail)) tail += 1;
  const from = Math.max(0, head - context);
  const after = Math.min(tail, context);
  const lines = [
    ...was.slice(from, head).map((line) => ` ${line}`),
    ...was.slice(head, was.length - tail).map((line) => `-${line}`),
    ...is.slice(head, is.length - tail).map((line) => `+${line}`),
    ...is.slice(is.length - tail, is.length - tail + after).map((line) => ` ${line}`),
  ];
  const place = (all: readonly string[]): string => {
    const count = all.length - tail + after - from;
    // An empty side begins before its first line.
    return `${count === 0 ? from : from + 1},${count}`;
  };
  const ended = lines.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`));
  return `@@ -${place(was)} +${place(is)} @@\n${ended.join('')}`;
}
