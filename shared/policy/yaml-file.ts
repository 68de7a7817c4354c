/** Strict YAML 1.2, with the place of everything: each finding can point at line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import type { PolicyProblem, ProblemCode } from './problem.ts';

const MAX_CHARACTERS = 500_000;
/** A file that is no policy at all would otherwise report thousands of findings. */
const MAX_PROBLEMS = 20;

export type Path = readonly PropertyKey[];

export type YamlFile = {
  /** The whole document as plain values. */
  value: unknown;
  /** A problem at the value of this path, at its key, or as near to it as the document goes. */
  problemAt: (path: Path, code: ProblemCode, message: string, target?: 'key' | 'value') => PolicyProblem;
  /** A problem inside a text value; `index` counts from 0 in the text. */
  problemInText: (path: Path, index: number, code: ProblemCode, message: string) => PolicyProblem;
  /** Line on which the value of this path begins. */
  lineOf: (path: Path) => number;
};

type Read<T> = { ok: true; value: T } | { ok: false; problems: PolicyProblem[] };

/**
 * Parses one YAML document. Duplicate keys, tags, several documents, unreadable or endlessly repeated
 * aliases and keys that are not texts are problems, as YAML that means something else than it says.
 */
export function readYaml(file: string, text: string): Read<YamlFile> {
  const lines = new LineCounter();
  const place = (code: ProblemCode, message: string, offset: number): PolicyProblem => {
    const { line, col } = lines.linePos(offset);
    // An offset of 0 in a file without lines reads as line 0.
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), code, message };
  };
  if (text.length > MAX_CHARACTERS) {
    const message = `A policy file may be ${MAX_CHARACTERS} characters long at most. Split it into several files.`;
    return { ok: false, problems: [place('file_too_large', message, 0)] };
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
    merge: false,
    resolveKnownTags: false,
    prettyErrors: false,
    // Not `silent`: that level also hides that a file holds several documents.
    logLevel: 'error',
  });
  const problems = [...document.errors, ...document.warnings].map((error) =>
    place(
      error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'yaml_syntax',
      sentence(error.code, error.message),
      error.pos[0],
    ),
  );
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      problems.push(place('unknown_key', '`__proto__` can not be a key.', key.range?.[0] ?? 0));
    },
  });
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
  try {
    return {
      ok: true,
      value: { value: document.toJS({ maxAliasCount: 100 }), ...places(document, text, place) },
    };
  } catch (error) {
    // The library throws here for an alias without an anchor, and for aliases that multiply without end.
    if (!(error instanceof ReferenceError)) throw error;
    return { ok: false, problems: [place('yaml_syntax', `${error.message}.`, 0)] };
  }
}

/** Validates a read file; every issue becomes a problem at its own place. */
export function validate<T>(file: YamlFile, schema: z.ZodType<T>): Read<T> {
  const result = schema.safeParse(file.value);
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) =>
        file.problemAt([...issue.path, key], 'unknown_key', messages[index] ?? issue.message, 'key'),
      );
    }
    const { index, code } = issue.code === 'custom' ? (issue.params ?? {}) : {};
    if (typeof index === 'number') return [file.problemInText(issue.path, index, code, issue.message)];
    const last = issue.path.at(-1);
    if (last !== undefined && !hasOwn(file.value, issue.path)) {
      const message = `Add \`${String(last)}\`. ${issue.message}`;
      return [file.problemAt(issue.path.slice(0, -1), 'missing_key', message)];
    }
    return [file.problemAt(issue.path, 'invalid_value', issue.message)];
  });
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

function hasOwn(value: unknown, path: Path): boolean {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return false;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return true;
}

function sentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'This key stands here twice. Keep one.';
  if (code === 'TAG_RESOLVE_FAILED' && message.startsWith('Unresolved tag')) {
    return 'A value that begins with `!` is a tag in YAML. Put it in quotes.';
  }
  if (code === 'MULTIPLE_DOCS') {
    return 'A file holds one document. Put what follows `---` into a file of its own.';
  }
  return `${message.replace(/\.$/, '')}. If the value holds \`: \`, \` #\`, commas or quotes, put it in quotes.`;
}

type Place = (code: ProblemCode, message: string, offset: number) => PolicyProblem;

function places(document: Document, text: string, place: Place): Omit<YamlFile, 'value'> {
  const offsetOf = (path: Path, target: 'key' | 'value'): number => {
    const { key, value } = nearest(document, path);
    return (target === 'key' ? key : value)?.range?.[0] ?? value?.range?.[0] ?? 0;
  };
  return {
    problemAt: (path, code, message, target = 'value') => place(code, message, offsetOf(path, target)),
    problemInText: (path, index, code, message) => {
      const { value } = nearest(document, path);
      const start = value?.range?.[0] ?? 0;
      const written = isScalar(value) && typeof value.value === 'string' ? value.value : '';
      // Quoted or not, a text on one line without escapes stands in the source as it is.
      const shift = [0, 1].find((quote) => text.startsWith(written, start + quote));
      return place(code, message, shift === undefined ? start : start + shift + index);
    },
    lineOf: (path) => place('invalid_value', '', offsetOf(path, 'value')).line,
  };
}

/** The node at a path, or the last one on the way to it; aliases are followed. */
function nearest(document: Document, path: Path): { key?: Node | undefined; value?: Node | undefined } {
  let found: { key?: Node | undefined; value?: Node | undefined } = { value: document.contents ?? undefined };
  for (const step of path) {
    const current = isAlias(found.value) ? found.value.resolve(document) : found.value;
    if (isMap(current)) {
      const pair = current.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return found;
      found = { key: asNode(pair.key), value: asNode(pair.value) ?? asNode(pair.key) };
    } else if (isSeq(current) && typeof step === 'number' && current.items[step] !== undefined) {
      found = { value: asNode(current.items[step]) };
    } else {
      return found;
    }
  }
  return found;
}

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
}
