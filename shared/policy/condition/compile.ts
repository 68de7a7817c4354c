/** From the checked tree to closures. What can be known to be wrong before a call comes is reported here. */
import type { Json } from '../../contracts/index.ts';
import { compileComparison, compileMembership } from './comparison.ts';
import type { Expression, Report, Run } from './expression.ts';
import { Fault, kindOf } from './fault.ts';
import { compileCall } from './functions.ts';
import { compilePath } from './path.ts';
import type { Arithmetic, Node } from './tree.ts';

/** Compiles one node and all below it. `source` is the whole condition, which messages quote from. */
export function compileNode(node: Node, source: string, report: Report): Expression {
  const text = source.slice(node.at, node.end);
  const inner = (child: Node): Expression => compileNode(child, source, report);
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      const kind = value === null ? 'null' : typeof value === 'string' ? 'text' : typeof value;
      return { kind: kind as Expression['kind'], run: () => value, text, literal: value };
    }
    case 'list':
      return { kind: 'list', run: () => node.items, text, items: node.items };
    case 'path':
      return compilePath(node);
    case 'call':
      return { ...compileCall(node.name, node.args.map(inner), text, node, report), text };
    case 'not':
      return { kind: 'boolean', run: compileNot(boolean(inner(node.operand), node, report), text), text };
    case 'negate':
      return compileNegate(inner(node.operand), node, text, report);
    case 'binary':
      return compileBinary(node, text, inner, report);
  }
}

function compileBinary(
  node: Extract<Node, { kind: 'binary' }>,
  text: string,
  inner: (child: Node) => Expression,
  report: Report,
): Expression {
  const left = inner(node.left);
  const right = inner(node.right);
  const { operator } = node;
  switch (operator) {
    case 'and':
    case 'or': {
      const compile = operator === 'and' ? compileAnd : compileOr;
      return {
        kind: 'boolean',
        run: compile(boolean(left, node.left, report), boolean(right, node.right, report), text),
        text,
      };
    }
    case 'in':
    case 'not in':
      return {
        kind: 'boolean',
        run: compileMembership(left, right, operator === 'in', node, text, report),
        text,
      };
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return { kind: 'number', run: compileArithmetic(operator, left, right, node, text, report), text };
    default:
      return { kind: 'boolean', run: compileComparison(operator, left, right, node, text, report), text };
  }
}

/** Reports an expression that is known never to be true or false. */
export function boolean(expression: Expression, node: Node, report: Report): Run {
  if (expression.kind !== 'boolean' && expression.kind !== 'unknown') {
    report(node, `\`${expression.text}\` is a ${expression.kind}, where true or false is expected.`);
  }
  return expression.run;
}

const notBoolean = (text: string, value: Parameters<typeof kindOf>[0] | Fault): Fault =>
  value instanceof Fault ? value : new Fault(`\`${text}\` takes true or false, not ${kindOf(value)}`);

function compileNot(operand: Run, text: string): Run {
  return (scope) => {
    const value = operand(scope);
    return value === true ? false : value === false ? true : notBoolean(text, value);
  };
}

function compileAnd(left: Run, right: Run, text: string): Run {
  return (scope) => {
    const first = left(scope);
    if (first === false) return false;
    if (first !== true) return notBoolean(text, first);
    const second = right(scope);
    return second === true || second === false ? second : notBoolean(text, second);
  };
}

function compileOr(left: Run, right: Run, text: string): Run {
  return (scope) => {
    const first = left(scope);
    if (first === true) return true;
    if (first !== false) return notBoolean(text, first);
    const second = right(scope);
    return second === true || second === false ? second : notBoolean(text, second);
  };
}

function compileNegate(operand: Expression, node: Node, text: string, report: Report): Expression {
  number(operand, node, report);
  const { literal, run } = operand;
  if (typeof literal === 'number') return { kind: 'number', run: () => -literal, text, literal: -literal };
  const negate: Run = (scope) => {
    const value = run(scope);
    if (typeof value === 'number') return -value;
    return value instanceof Fault ? value : new Fault(`\`${text}\` takes a number, not ${kindOf(value)}`);
  };
  return { kind: 'number', run: negate, text };
}

/** One closure per operator: a shared one that switches inside would cost every evaluation. */
function compileArithmetic(
  operator: Arithmetic,
  left: Expression,
  right: Expression,
  node: Node,
  text: string,
  report: Report,
): Run {
  number(left, node, report);
  number(right, node, report);
  const a = left.run;
  const b = right.run;
  const infinite = new Fault(`\`${text}\` has no finite result`);
  const finite = (result: number): number | Fault => (Number.isFinite(result) ? result : infinite);
  const wrong = (x: Json | Fault, y: Json | Fault): Fault => {
    if (x instanceof Fault) return x;
    return y instanceof Fault ? y : new Fault(`\`${text}\` calculates with ${kindOf(x)} and ${kindOf(y)}`);
  };
  switch (operator) {
    case '+':
      return (scope) => {
        const x = a(scope);
        const y = b(scope);
        return typeof x === 'number' && typeof y === 'number' ? finite(x + y) : wrong(x, y);
      };
    case '-':
      return (scope) => {
        const x = a(scope);
        const y = b(scope);
        return typeof x === 'number' && typeof y === 'number' ? finite(x - y) : wrong(x, y);
      };
    case '*':
      return (scope) => {
        const x = a(scope);
        const y = b(scope);
        return typeof x === 'number' && typeof y === 'number' ? finite(x * y) : wrong(x, y);
      };
    case '/':
      return (scope) => {
        const x = a(scope);
        const y = b(scope);
        return typeof x === 'number' && typeof y === 'number' ? finite(x / y) : wrong(x, y);
      };
    default:
      return (scope) => {
        const x = a(scope);
        const y = b(scope);
        return typeof x === 'number' && typeof y === 'number' ? finite(x % y) : wrong(x, y);
      };
  }
}

function number(expression: Expression, node: Node, report: Report): void {
  if (expression.kind !== 'number' && expression.kind !== 'unknown') {
    report(node, `\`${expression.text}\` is a ${expression.kind}, where a number is expected.`);
  }
}
