/** Comparisons and membership. Unlike kinds do not compare: that is a fault, never `false`. */
import type { Json } from '../../contracts/index.ts';
import type { Expression, Report, Run } from './expression.ts';
import { Fault, kindOf } from './fault.ts';
import type { Comparison, Node, Scalar } from './tree.ts';

/** `a < b` is `b > a`: so a literal can always stand on the right. */
const MIRRORED: Record<Comparison, Comparison> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/**
 * Compiles a comparison. Texts compare with texts (order is by code unit, so ISO dates order by time),
 * numbers with numbers, and booleans are equal or not. `== null` and `!= null`, with null written out, ask
 * of any value whether it is null.
 */
export function compileComparison(
  operator: Comparison,
  left: Expression,
  right: Expression,
  node: Node,
  text: string,
  report: Report,
): Run {
  if (left.literal !== undefined && right.literal === undefined) {
    return compileComparison(MIRRORED[operator], right, left, node, text, report);
  }
  const equality = operator === '==' || operator === '!=';
  if (right.literal === null && equality) return compileNullTest(operator, left.run);
  const unlike = (a: Json | Fault, b: Json | Fault): Fault => {
    if (a instanceof Fault) return a;
    if (b instanceof Fault) return b;
    return new Fault(`\`${text}\` compares ${kindOf(a)} with ${kindOf(b)}`);
  };
  for (const { kind, text: side } of [left, right]) {
    if (kind === 'list') report(node, `\`${side}\` is a list. Use \`in\` or \`contains\`.`);
    if (kind === 'null') report(node, 'null has no order. Use `==` or `!=`.');
  }
  const unordered = !equality && (left.kind === 'boolean' || right.kind === 'boolean');
  const differ = left.kind !== 'unknown' && right.kind !== 'unknown' && left.kind !== right.kind;
  if (unordered || differ) {
    report(node, `\`${text}\` compares values that never compare: every call goes to a human.`, 'warning');
  }
  if (equality) return compileEquality(operator, left.run, right, unlike);
  return compileOrder(operator, left.run, right, unlike);
}

type Unlike = (a: Json | Fault, b: Json | Fault) => Fault;

function compileNullTest(operator: Comparison, left: Run): Run {
  const wanted = operator === '==';
  return (scope) => {
    const value = left(scope);
    return value instanceof Fault ? value : (value === null) === wanted;
  };
}

function compileEquality(operator: Comparison, left: Run, right: Expression, unlike: Unlike): Run {
  const wanted = operator === '==';
  const { literal, run } = right;
  if (literal !== undefined) {
    const type = typeof literal;
    return (scope) => {
      const value = left(scope);
      return typeof value === type ? (value === literal) === wanted : unlike(value, literal);
    };
  }
  return (scope) => {
    const a = left(scope);
    if (a instanceof Fault) return a;
    const b = run(scope);
    return typeof a === typeof b && typeof a !== 'object' ? (a === b) === wanted : unlike(a, b);
  };
}

/** One closure per operator: a shared one that switches inside would cost every evaluation. */
function compileOrder(operator: Comparison, left: Run, right: Expression, unlike: Unlike): Run {
  const { literal } = right;
  if (typeof literal === 'number') return compileNumberOrder(operator, left, literal, unlike);
  const holds: (a: string | number, b: string | number) => boolean = {
    '<': (a: string | number, b: string | number) => a < b,
    '<=': (a: string | number, b: string | number) => a <= b,
    '>': (a: string | number, b: string | number) => a > b,
    '>=': (a: string | number, b: string | number) => a >= b,
  }[operator as '<' | '<=' | '>' | '>='];
  return (scope) => {
    const a = left(scope);
    if (a instanceof Fault) return a;
    const b = right.run(scope);
    const alike =
      (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
    return alike ? holds(a, b) : unlike(a, b);
  };
}

function compileNumberOrder(operator: Comparison, left: Run, bound: number, unlike: Unlike): Run {
  switch (operator) {
    case '<':
      return (scope) => {
        const value = left(scope);
        return typeof value === 'number' ? value < bound : unlike(value, bound);
      };
    case '<=':
      return (scope) => {
        const value = left(scope);
        return typeof value === 'number' ? value <= bound : unlike(value, bound);
      };
    case '>':
      return (scope) => {
        const value = left(scope);
        return typeof value === 'number' ? value > bound : unlike(value, bound);
      };
    default:
      return (scope) => {
        const value = left(scope);
        return typeof value === 'number' ? value >= bound : unlike(value, bound);
      };
  }
}

/**
 * Compiles `value in list`. A list literal holds one kind and becomes a set. Elsewhere a value that is not
 * found in a list with members of another kind is a fault, whatever the order of the list.
 */
export function compileMembership(
  value: Expression,
  list: Expression,
  wanted: boolean,
  node: Node,
  text: string,
  report: Report,
): Run {
  if (list.kind === 'text') report(node, `\`${list.text}\` is a text. Use \`contains(${list.text}, …)\`.`);
  else if (list.kind !== 'list' && list.kind !== 'unknown') report(node, `\`${list.text}\` is no list.`);
  if (list.items !== undefined)
    return compileLiteralMembership(value, list.items, wanted, node, text, report);
  return (scope) => {
    const searched = value.run(scope);
    if (searched instanceof Fault) return searched;
    const found = isMember(searched, list.run(scope), text);
    return typeof found === 'boolean' ? found === wanted : found;
  };
}

function compileLiteralMembership(
  value: Expression,
  items: Scalar[],
  wanted: boolean,
  node: Node,
  text: string,
  report: Report,
): Run {
  const kinds = new Set(items.map((item) => typeof item));
  if (kinds.size > 1) report(node, 'A list holds one kind of value: texts, numbers or booleans.');
  if (items.length === 0) report(node, 'Nothing is in an empty list.');
  const [type = 'string'] = kinds;
  const set = new Set<unknown>(items);
  return (scope) => {
    const searched = value.run(scope);
    if (typeof searched === type) return set.has(searched) === wanted;
    return searched instanceof Fault
      ? searched
      : new Fault(`\`${text}\` looks for ${kindOf(searched)} in a list of another kind`);
  };
}

/** Whether a list has a member equal to `searched`; anything that can not be told is a fault. */
export function isMember(searched: Json, list: Json | Fault, text: string): boolean | Fault {
  if (list instanceof Fault) return list;
  if (!Array.isArray(list)) return new Fault(`\`${text}\` looks into ${kindOf(list)}, not a list`);
  if (typeof searched === 'object') return new Fault(`\`${text}\` looks for ${kindOf(searched)} in a list`);
  if (list.includes(searched)) return true;
  return list.every((member) => typeof member === typeof searched)
    ? false
    : new Fault(`\`${text}\` looks for ${kindOf(searched)} in a list that holds other kinds`);
}
