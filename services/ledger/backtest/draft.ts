/** Policy files with some rules more: as text, so that whoever reads the difference sees their own files in it. Pure. */
import type { PolicyFile } from '@countersign/shared/policy';
import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

export type Draft = { changes: (PolicyFile & { before: string | null })[]; files: PolicyFile[] };

/** The list under `rules:` of a file of rules; undefined for files of another shape. */
function rulesIn(text: string): YAMLSeq | undefined {
  const document = parseDocument(text);
  const rules = document.get('rules');
  return document.has('version') && isSeq(rules) ? rules : undefined;
}

const nameOf = (rule: unknown): string | undefined => {
  const name = isMap(rule) ? rule.get('name', true) : undefined;
  return isScalar(name) && typeof name.value === 'string' ? name.value : undefined;
};

/** Where a node begins, and where what it says ends. */
const placeOf = ({ range }: Node): [from: number, to: number] => [range?.[0] ?? 0, range?.[1] ?? 0];

const columnOf = (text: string, at: number): number => at - (text.lastIndexOf('\n', at - 1) + 1);
const indented = (rule: string, by: number): string => rule.split('\n').join(`\n${' '.repeat(by)}`);

/** The same with this rule in the place of the one of that name. */
function replaced(text: string, place: YAMLMap, rule: string): string {
  const [from, to] = placeOf(place);
  const column = columnOf(text, from);
  const rest = text.slice(to);
  // What a block says ends behind its last line; within one line it ends before the line does.
  const end = text.slice(from, to).endsWith('\n') ? '\n' : '';
  return `${text.slice(0, from)}${indented(rule, column)}${end}${rest}`;
}

/** The same with this rule as the last one of the list. */
function added(text: string, rules: YAMLSeq, rule: string): string {
  const last = rules.items.at(-1);
  if (!isMap(last)) return text;
  const [from, to] = placeOf(last);
  const column = columnOf(text, from);
  const before = text.slice(0, to);
  const gap = before.endsWith('\n') ? '' : '\n';
  const dash = `${' '.repeat(Math.max(0, column - 2))}- `;
  return `${before}${gap}${dash}${indented(rule, column)}\n${text.slice(to)}`;
}

/** Puts it behind the rules of a file whose rules stand one below the other, or into a new one; never over another. */
function addTo(files: Map<string, string>, path: string, rule: string): void {
  for (let nth = 1; ; nth++) {
    const name = nth === 1 ? path : path.replace(/(?=\.yaml$)/, `-${nth}`);
    const there = files.get(name);
    const rules = there === undefined ? undefined : rulesIn(there);
    if (there !== undefined && (rules === undefined || rules.flow === true || rules.items.length === 0))
      continue;
    const text = there !== undefined && rules ? added(there, rules, rule) : undefined;
    files.set(name, text ?? `version: 1\nrules:\n  - ${indented(rule, 4)}\n`);
    return;
  }
}

/**
 * Puts each rule in the place of the one of its name, or behind the rules of the file at `path`, which is made where it
 * is not there. What comes of it may not load: files of another's hand can be written in many ways.
 *
 * @param rules YAML, a list of rules
 */
export function draftOf(files: readonly PolicyFile[], rules: string, path: string): Draft {
  const now = new Map(files.map((file) => [file.path, file.text]));
  const list = parseDocument(rules).contents;
  for (const rule of isSeq(list) ? list.items : []) {
    if (!isMap(rule)) continue;
    const [from, to] = placeOf(rule);
    // Without the indentation that it has in its own list.
    const text = rules
      .slice(from, to)
      .trimEnd()
      .replaceAll(`\n${' '.repeat(columnOf(rules, from))}`, '\n');
    const name = nameOf(rule);
    const holder = [...now].find(([, other]) =>
      rulesIn(other)?.items.some((each) => nameOf(each) === name && name !== undefined),
    );
    const place = holder && rulesIn(holder[1])?.items.find((each) => nameOf(each) === name);
    if (holder && isMap(place)) now.set(holder[0], replaced(holder[1], place, text));
    else addTo(now, path, text);
  }
  const before = new Map(files.map((file) => [file.path, file.text]));
  const all = [...now].map(([name, text]) => ({ path: name, text }));
  return {
    changes: all
      .filter((file) => before.get(file.path) !== file.text)
      .map((file) => ({ ...file, before: before.get(file.path) ?? null })),
    files: all.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}
