/**
 * The grammar of conditions: jsep's scanner with our own operators.
 *
 * jsep keeps its operators in global, mutable tables and reads `not a > 1` as `(not a) > 1`; it also takes
 * `a > 1 b`, `(a, b)`, `f(a b)` and a trailing `;`. So this subclass replaces the methods that decide about
 * operators and separators, and leaves names, numbers, texts, member access and the tight unary operators
 * to jsep. Nothing global is configured.
 */
import { Jsep } from 'jsep';

declare module 'jsep' {
  // The class is exported by jsep 1.6 but missing from its typings; these are the members used here.
  class Jsep {
    constructor(text: string);
    index: number;
    readonly expr: string;
    readonly code: number;
    gobbleSpaces(): void;
    gobbleExpression(): Expression | false;
    gobbleBinaryExpression(minimum?: number): Expression | false;
    gobbleToken(): Expression | false;
    gobbleGroup(): Expression | false;
    gobbleArguments(termination: number): Expression[];
    throwError(message: string): never;
  }
}

type Expression = import('jsep').Expression;

/** What jsep throws; `index` counts from 0. */
export type GrammarError = Error & { index: number; description: string };

const MAX_DEPTH = 50;

/** Higher binds tighter. `not` stands between `and` and the comparisons. */
const NOT = 3;
const COMPARISON = 4;
const PRECEDENCE: Record<string, number> = {
  or: 1,
  and: 2,
  '==': COMPARISON,
  '!=': COMPARISON,
  '<': COMPARISON,
  '<=': COMPARISON,
  '>': COMPARISON,
  '>=': COMPARISON,
  in: COMPARISON,
  'not in': COMPARISON,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};

const END_OF_WORD = String.raw`(?![\w$\u0080-\uffff])`;
const OPERATOR = new RegExp(String.raw`\|\||&&|[!<>=]=|[<>+\-*/%]|(?:and|or|in|not\s+in)${END_OF_WORD}`, 'y');
const NOT_WORD = new RegExp(`not${END_OF_WORD}`, 'y');
/** Operators of other languages, with what to write instead. */
const FOREIGN = /===|!==|=(?!=)|<>|\*\*|\?\?|<<|>>|&(?!&)|\|(?!\|)|\^|~/y;
const INSTEAD: Record<string, string> = {
  '===': 'Use `==`.',
  '!==': 'Use `!=`.',
  '=': 'Use `==` to compare.',
  '<>': 'Use `!=`.',
  '&': 'Use `and`.',
  '|': 'Use `or`.',
};

const COMMA = 44;
const CLOSING_PARENTHESIS = 41;

/** Parses one whole condition. Every node carries its offsets as `at` and `end`. Throws {@link GrammarError}. */
export function parseGrammar(text: string): Expression {
  return new Grammar(text).whole();
}

class Grammar extends Jsep {
  #depth = 0;

  whole(): Expression {
    const node = this.gobbleExpression();
    if (node === false) return this.throwError('A condition is expected here');
    if (this.index < this.expr.length) {
      this.throwError(
        `\`${this.#rest()}\` follows a complete condition. Join conditions with \`and\` or \`or\``,
      );
    }
    return node;
  }

  override gobbleBinaryExpression(minimum = 1): Expression | false {
    this.gobbleSpaces();
    const at = this.index;
    let left = this.#operand(minimum);
    if (left === false) return false;
    for (;;) {
      const start = this.index;
      const operator = this.#operator();
      const precedence = operator === undefined ? 0 : (PRECEDENCE[operator] ?? 0);
      if (operator === undefined || precedence < minimum) {
        this.index = start;
        return left;
      }
      const right = this.gobbleBinaryExpression(precedence + 1);
      if (right === false) this.throwError(`Something must follow \`${operator}\``);
      left = { type: 'BinaryExpression', operator, left, right, at, end: this.#endOfToken() };
      if (precedence === COMPARISON) this.#refuseChain();
    }
  }

  /** `not` takes everything up to the next `and` or `or`; other operands are jsep's tokens. */
  #operand(minimum: number): Expression | false {
    const at = this.index;
    if (this.#take(NOT_WORD) === undefined) return this.gobbleToken();
    if (minimum > NOT) {
      this.index = at;
      this.throwError('Put parentheses around `not …` here');
    }
    const argument = this.#nested(() => this.gobbleBinaryExpression(NOT));
    if (argument === false) this.throwError('Something must follow `not`');
    return { type: 'UnaryExpression', operator: 'not', argument, prefix: true, at, end: this.#endOfToken() };
  }

  override gobbleToken(): Expression | false {
    this.gobbleSpaces();
    const at = this.index;
    if (this.#take(NOT_WORD) !== undefined) {
      this.index = at;
      this.throwError('Put parentheses around `not …` here');
    }
    const node = this.#nested(() => super.gobbleToken());
    // A group keeps the offsets of what is inside it: those are what messages quote.
    if (node !== false) {
      node.at ??= at;
      node.end ??= this.#endOfToken();
    }
    return node;
  }

  override gobbleGroup(): Expression | false {
    this.index++;
    const node = this.gobbleExpression();
    if (node === false) this.throwError('A condition is expected between the parentheses');
    if (this.code !== CLOSING_PARENTHESIS) this.throwError('A closing `)` is expected here');
    this.index++;
    return node;
  }

  override gobbleArguments(termination: number): Expression[] {
    const items: Expression[] = [];
    this.gobbleSpaces();
    while (this.code !== termination) {
      if (items.length > 0) {
        if (this.code !== COMMA) {
          this.throwError(`A comma or \`${String.fromCharCode(termination)}\` is expected here`);
        }
        this.index++;
      }
      const item = this.gobbleExpression();
      if (item === false) this.throwError('A value is expected here');
      items.push(item);
    }
    this.index++;
    return items;
  }

  /** Every way to nest passes through here, so hostile text can not exhaust the stack. */
  #nested(parse: () => Expression | false): Expression | false {
    if (++this.#depth > MAX_DEPTH) this.throwError(`A condition may nest ${MAX_DEPTH} deep at most`);
    const node = parse();
    this.#depth--;
    return node;
  }

  #operator(): string | undefined {
    this.gobbleSpaces();
    const foreign = this.#take(FOREIGN);
    if (foreign !== undefined) {
      this.index -= foreign.length;
      this.throwError(`\`${foreign}\` is not an operator of conditions. ${INSTEAD[foreign] ?? ''}`.trim());
    }
    const written = this.#take(OPERATOR);
    if (written === '&&') return 'and';
    if (written === '||') return 'or';
    return written?.replace(/\s+/, ' ');
  }

  #refuseChain(): void {
    const start = this.index;
    const next = this.#operator();
    this.index = start;
    if (next !== undefined && PRECEDENCE[next] === COMPARISON) {
      this.throwError('Comparisons do not chain. Write `a < b and b < c`');
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.index;
    const found = pattern.exec(this.expr)?.[0];
    if (found !== undefined) this.index += found.length;
    return found;
  }

  #endOfToken(): number {
    return this.expr.slice(0, this.index).trimEnd().length;
  }

  #rest(): string {
    const rest = this.expr.slice(this.index);
    return rest.length > 20 ? `${rest.slice(0, 20)}…` : rest;
  }
}
