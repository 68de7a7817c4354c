/** The functions of conditions. Each is total: a wrong kind is a fault. Work is linear in the values. */
import { RE2JS } from 're2js';
import type { Json } from '../../contracts/index.ts';
import { isMember } from './comparison.ts';
import type { Expression, Report, Run, StaticKind } from './expression.ts';
import { Fault, kindOf } from './fault.ts';
import type { Node } from './tree.ts';

const MAX_PATTERN = 256;
/** Some 16 instructions a pattern character; repetition counts multiply past what a condition needs. */
const MAX_PROGRAM = 2_000;
/** Linear time still adds up: longer texts go to a human. */
const MAX_MATCHED_TEXT = 65_536;

type Definition = {
  least: number;
  most: number;
  result: StaticKind;
  /** Kinds that the first argument may have when they are known at load. */
  takes: StaticKind[];
  build: (args: Expression[], text: string, node: Node, report: Report) => Run;
};

const DEFINITIONS: Record<string, Definition> = {
  len: { least: 1, most: 1, result: 'number', takes: ['text', 'list'], build: buildLen },
  lower: { least: 1, most: 1, result: 'text', takes: ['text'], build: buildLower },
  startswith: {
    least: 2,
    most: 2,
    result: 'boolean',
    takes: ['text'],
    build: buildTextTest((text, part) => text.startsWith(part)),
  },
  endswith: {
    least: 2,
    most: 2,
    result: 'boolean',
    takes: ['text'],
    build: buildTextTest((text, part) => text.endsWith(part)),
  },
  contains: { least: 2, most: 2, result: 'boolean', takes: ['text', 'list'], build: buildContains },
  matches: { least: 2, most: 2, result: 'boolean', takes: ['text'], build: buildMatches },
  has: { least: 1, most: 1, result: 'boolean', takes: ['text', 'boolean'], build: buildHas },
  sum: { least: 1, most: 2, result: 'number', takes: ['list'], build: buildSum },
};

export const FUNCTIONS: readonly string[] = Object.keys(DEFINITIONS);

/** Compiles a call of a known function. */
export function compileCall(
  name: string,
  args: Expression[],
  text: string,
  node: Node,
  report: Report,
): { kind: StaticKind; run: Run } {
  const definition = DEFINITIONS[name];
  if (definition === undefined) throw new Error(`${name} passed the allow-list without a definition`);
  const { least, most, result, takes, build } = definition;
  const [first] = args;
  if (args.length < least || args.length > most) {
    const wanted = least === most ? `${least}` : `${least} or ${most}`;
    report(node, `\`${name}\` takes ${wanted} value${wanted === '1' ? '' : 's'}, not ${args.length}.`);
    return { kind: result, run: () => new Fault(`\`${text}\` is incomplete`) };
  }
  if (first !== undefined && first.kind !== 'unknown' && !takes.includes(first.kind)) {
    report(node, `\`${name}\` takes a ${takes.join(' or a ')}, and \`${first.text}\` is a ${first.kind}.`);
  }
  return { kind: result, run: build(args, text, node, report) };
}

/** Characters of a text (code points), members of a list, keys of an object. */
function buildLen([value]: Expression[], text: string): Run {
  return on(value, (given) => {
    if (Array.isArray(given)) return given.length;
    if (typeof given === 'object' && given !== null) return Object.keys(given).length;
    if (typeof given !== 'string') return wrongKind(text, given, 'a text, a list or an object');
    let length = 0;
    for (const _ of given) length++;
    return length;
  });
}

function buildLower([value]: Expression[], text: string): Run {
  return on(value, (given) =>
    typeof given === 'string' ? given.toLowerCase() : wrongKind(text, given, 'a text'),
  );
}

function buildTextTest(test: (text: string, part: string) => boolean): Definition['build'] {
  return ([value, part], text, node, report) => {
    if (part !== undefined && part.kind !== 'unknown' && part.kind !== 'text') {
      report(node, `\`${part.text}\` must be a text.`);
    }
    return onBoth(value, part, (given, wanted) => {
      if (typeof given !== 'string') return wrongKind(text, given, 'a text');
      return typeof wanted === 'string' ? test(given, wanted) : wrongKind(text, wanted, 'a text');
    });
  };
}

/** A text contains a text; a list contains a member. */
function buildContains([value, part]: Expression[], text: string): Run {
  return onBoth(value, part, (given, wanted) => {
    if (typeof given !== 'string') return isMember(wanted, given, text);
    return typeof wanted === 'string' ? given.includes(wanted) : wrongKind(text, wanted, 'a text');
  });
}

/** RE2 syntax, linear time, found anywhere in the text: `^` and `$` anchor it. */
function buildMatches([value, pattern]: Expression[], text: string, node: Node, report: Report): Run {
  const compiled = compilePattern(pattern?.literal, (message) => report(node, message));
  if (compiled === undefined) return () => new Fault(`\`${text}\` has no usable pattern`);
  return on(value, (given) => {
    if (typeof given !== 'string') return wrongKind(text, given, 'a text');
    if (given.length > MAX_MATCHED_TEXT) return new Fault(`\`${text}\` would search a text that is too long`);
    return compiled.test(given);
  });
}

function compilePattern(pattern: unknown, report: (message: string) => void): RE2JS | undefined {
  if (typeof pattern !== 'string') {
    report('The pattern of `matches` is written out, in quotes.');
    return undefined;
  }
  if (pattern.length > MAX_PATTERN) {
    report(`A pattern may be ${MAX_PATTERN} characters long at most.`);
    return undefined;
  }
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() <= MAX_PROGRAM) return compiled;
    report('The pattern is too large. Use smaller repetition counts.');
  } catch (error) {
    // re2js reports every bad pattern by throwing.
    const detail =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unreadable';
    report(`The pattern does not read as RE2 syntax: ${detail}.`);
  }
  return undefined;
}

/** The one function that may look at what is not there. */
function buildHas([value]: Expression[], _text: string, node: Node, report: Report): Run {
  if (value?.path === undefined) report(node, '`has` takes a path such as `param.note`.');
  const run = value?.run ?? (() => null);
  return (scope) => !(run(scope) instanceof Fault);
}

/** The total of a list of numbers, or of one number in each of its objects: `sum(param.items, "price")`. */
function buildSum([list, field]: Expression[], text: string, node: Node, report: Report): Run {
  const key = field?.literal;
  if (field !== undefined && typeof key !== 'string') {
    report(node, 'The second value of `sum` is the name of a number, in quotes.');
  }
  return on(list, (given) => {
    if (!Array.isArray(given)) return wrongKind(text, given, 'a list');
    let total = 0;
    for (const member of given) {
      const number = typeof key === 'string' ? ownMember(member, key) : member;
      if (typeof number !== 'number') return new Fault(`\`${text}\` meets a member without a number`);
      total += number;
    }
    return Number.isFinite(total) ? total : new Fault(`\`${text}\` is too large`);
  });
}

function ownMember(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function wrongKind(text: string, given: Json, wanted: string): Fault {
  return new Fault(`\`${text}\` takes ${wanted}, not ${kindOf(given)}`);
}

function on(value: Expression | undefined, then: (given: Json) => Json | Fault): Run {
  const run = value?.run ?? (() => null);
  return (scope) => {
    const given = run(scope);
    return given instanceof Fault ? given : then(given);
  };
}

function onBoth(
  first: Expression | undefined,
  second: Expression | undefined,
  then: (a: Json, b: Json) => Json | Fault,
): Run {
  const runFirst = first?.run ?? (() => null);
  const runSecond = second?.run ?? (() => null);
  return (scope) => {
    const a = runFirst(scope);
    if (a instanceof Fault) return a;
    const b = runSecond(scope);
    return b instanceof Fault ? b : then(a, b);
  };
}
