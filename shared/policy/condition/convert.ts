/** From jsep's tree to ours: the allow-list. What has no case here can not stand in a condition. */
import type { Expression } from 'jsep';
import { didYouMean } from '../closest-name.ts';
import { FUNCTIONS } from './functions.ts';
import { type GrammarError, parseGrammar } from './grammar.ts';
import type { BinaryOperator, ConditionProblem, Node, Root, Scalar } from './tree.ts';

const MAX_TEXT = 2_000;
const MAX_NODES = 300;

const ROOTS: readonly Root[] = ['param', 'context', 'agent', 'tool', 'run_id'];
const TOOL_FACTS = ['reversible', 'sensitivity'];

/** Parses and checks a condition's text. The tree is typed, bounded and free of anything callable. */
export function parseCondition(
  text: string,
): { ok: true; node: Node } | { ok: false; problems: ConditionProblem[] } {
  if (text.length > MAX_TEXT) {
    const message = `A condition may be ${MAX_TEXT} characters long at most. Split it into several rules.`;
    return { ok: false, problems: [{ index: 0, code: 'condition_too_large', message }] };
  }
  let parsed: Expression;
  try {
    parsed = parseGrammar(text);
  } catch (error) {
    if (!isGrammarError(error)) throw error;
    const message = `${error.description.replace(/\.$/, '')}.`;
    return { ok: false, problems: [{ index: error.index, code: 'condition_syntax', message }] };
  }
  const converter = new Converter(text);
  const node = converter.convert(parsed);
  return converter.problems.length === 0 ? { ok: true, node } : { ok: false, problems: converter.problems };
}

/** jsep throws a plain Error with these two fields. */
function isGrammarError(error: unknown): error is GrammarError {
  return error instanceof Error && 'index' in error && 'description' in error;
}

class Converter {
  readonly problems: ConditionProblem[] = [];
  readonly #text: string;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  convert(
    expression: Expression,
    within: { at: number; end: number } = { at: 0, end: this.#text.length },
  ): Node {
    const at = typeof expression.at === 'number' ? expression.at : within.at;
    const end = typeof expression.end === 'number' ? expression.end : within.end;
    const span = { at, end };
    if (++this.#nodes === MAX_NODES) {
      const message = `A condition may have ${MAX_NODES} parts at most. Split it into several rules.`;
      this.problems.push({ index: 0, code: 'condition_too_large', message });
    }
    switch (expression.type) {
      case 'Literal':
        return { kind: 'literal', value: this.#scalar(expression, span), ...span };
      case 'ArrayExpression': {
        const items = asList(expression.elements).map((element) => this.#listItem(element, span));
        return { kind: 'list', items, ...span };
      }
      case 'Identifier':
      case 'MemberExpression':
        return this.#path(expression, span);
      case 'CallExpression':
        return this.#call(expression, span);
      case 'UnaryExpression':
        return this.#unary(expression, span);
      case 'BinaryExpression':
        return {
          kind: 'binary',
          // The grammar yields only operators of its own table.
          operator: String(expression.operator) as BinaryOperator,
          left: this.convert(asNode(expression.left), span),
          right: this.convert(asNode(expression.right), span),
          ...span,
        };
      case 'ConditionalExpression':
        return this.#refuse(span, '`? :` is not part of conditions. Write two rules, or use `and` and `or`.');
      case 'ThisExpression':
        return this.#refuse(span, '`this` is not part of conditions. Values are in `param` and `context`.');
      default:
        return this.#refuse(span, `\`${this.#quote(span)}\` is not part of conditions.`);
    }
  }

  #scalar(expression: Expression, span: { at: number; end: number }): Scalar {
    const value = expression.value;
    const raw = String(expression.raw);
    if (typeof value === 'number' && (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)) {
      this.#refuse(span, `\`${raw}\` is too large to be exact. Numbers go to 2^53 - 1.`);
    }
    // jsep turns `\d` into `d`, which would quietly change what a pattern means.
    const unknownEscape =
      typeof value === 'string' ? /(?:^|[^\\])(?:\\\\)*\\([^\\"'nrt])/.exec(raw)?.[1] : undefined;
    if (unknownEscape !== undefined) {
      this.#refuse(
        span,
        `\`\\${unknownEscape}\` is not an escape. Write \`\\\\${unknownEscape}\` for a backslash and \`${unknownEscape}\`.`,
      );
    }
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : null;
  }

  #listItem(element: Expression, list: { at: number; end: number }): Scalar {
    const item = this.convert(element, list);
    if (item.kind === 'literal' && item.value !== null) return item.value;
    if (item.kind === 'negate' && item.operand.kind === 'literal' && typeof item.operand.value === 'number') {
      return -item.operand.value;
    }
    this.#refuse(
      item,
      'A list holds plain texts, numbers or booleans. Compare other values with `==` and `or`.',
    );
    return null;
  }

  #unary(expression: Expression, span: { at: number; end: number }): Node {
    const operand = this.convert(asNode(expression.argument), span);
    if (expression.operator === '-') return { kind: 'negate', operand, ...span };
    if (expression.operator === 'not' || expression.operator === '!')
      return { kind: 'not', operand, ...span };
    return this.#refuse(span, `\`${String(expression.operator)}\` before a value is not part of conditions.`);
  }

  #path(expression: Expression, span: { at: number; end: number }): Node {
    const keys: (string | number)[] = [];
    let current = expression;
    while (current.type === 'MemberExpression') {
      const key = memberKey(current);
      if (current.optional === true) {
        return this.#refuse(span, '`?.` is not part of conditions. Use `has(…) and …`.');
      }
      if (key === undefined) {
        return this.#refuse(span, 'Between `[` and `]` stands a position such as `0` or a name in quotes.');
      }
      keys.unshift(key);
      current = asNode(current.object);
    }
    if (current.type !== 'Identifier') {
      return this.#refuse(span, 'Only `param`, `context` and `tool` have members.');
    }
    const name = String(current.name);
    const root = ROOTS.find((candidate) => candidate === name);
    if (root === undefined) {
      const hint = didYouMean(name, [...ROOTS, 'true', 'false', 'null', 'and', 'or', 'not']);
      const advice = hint === '' ? ` Did you mean \`param.${name}\` or \`context.${name}\`?` : hint;
      return this.#refuse(span, `\`${name}\` is not known here.${advice}`, 'condition_unknown_name');
    }
    if ((root === 'param' || root === 'context') && keys.length === 0) {
      return this.#refuse(span, `Say which value of \`${root}\`: \`${root}.name\`.`);
    }
    if (root === 'tool' && keys.length > 0 && !(keys.length === 1 && TOOL_FACTS.includes(String(keys[0])))) {
      return this.#refuse(
        span,
        'Of a tool, `tool` (its name), `tool.reversible` and `tool.sensitivity` are known.',
      );
    }
    if ((root === 'agent' || root === 'run_id') && keys.length > 0) {
      return this.#refuse(span, `\`${root}\` is a text and has no members.`);
    }
    return { kind: 'path', root, keys, ...span };
  }

  #call(expression: Expression, span: { at: number; end: number }): Node {
    const callee = asNode(expression.callee);
    const name = callee.type === 'Identifier' ? String(callee.name) : undefined;
    if (name === undefined) {
      return this.#refuse(
        span,
        'Values have no methods. Write the function first, as in `lower(param.name)`.',
      );
    }
    if (!FUNCTIONS.includes(name)) {
      const hint =
        didYouMean(name, FUNCTIONS) || ` There are ${FUNCTIONS.map((known) => `\`${known}\``).join(', ')}.`;
      return this.#refuse(span, `There is no function \`${name}\`.${hint}`, 'condition_unknown_name');
    }
    const args = asList(expression.arguments).map((argument) => this.convert(argument, span));
    return { kind: 'call', name, args, ...span };
  }

  #refuse(
    span: { at: number; end: number },
    message: string,
    code: ConditionProblem['code'] = 'condition_unsupported',
  ): Node {
    this.problems.push({ index: span.at, code, message });
    return { kind: 'literal', value: null, ...span };
  }

  #quote({ at, end }: { at: number; end: number }): string {
    return this.#text.slice(at, Math.min(end, at + 40));
  }
}

function memberKey(expression: Expression): string | number | undefined {
  const property = asNode(expression.property);
  if (expression.computed !== true) return String(property.name);
  if (property.type !== 'Literal') return undefined;
  const value = property.value;
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** jsep's typings leave members open; its grammar always puts a node here. */
function asNode(value: Expression[string]): Expression {
  if (typeof value === 'object' && value !== null && 'type' in value) return value as Expression;
  throw new Error('jsep gave no node where its grammar promises one');
}

function asList(value: Expression[string]): Expression[] {
  return Array.isArray(value) ? value.map(asNode) : [];
}
