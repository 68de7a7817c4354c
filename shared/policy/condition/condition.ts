/** A condition of a rule: parsed, checked and compiled once, when the policy loads. */
import type { Json } from '../../contracts/index.ts';
import { boolean, compileNode } from './compile.ts';
import { parseCondition } from './convert.ts';
import type { Report, Run, Scope, StaticKind } from './expression.ts';
import { Fault, kindOf } from './fault.ts';
import { compilePath, pathText } from './path.ts';
import type { ConditionProblem, Node } from './tree.ts';

export type Condition = {
  text: string;
  run: Run;
  /** What loads, but can never be evaluated. */
  warnings: string[];
  /** Each path in the condition with the value it has now; what is missing is left out. */
  values: (scope: Scope) => Record<string, Json>;
};

export type CompiledCondition =
  | { ok: true; condition: Condition }
  | { ok: false; problems: ConditionProblem[] };

/** Compiles a condition, or says everything that is wrong with it. */
export function compileCondition(text: string): CompiledCondition {
  const compiled = compile(text, 'boolean');
  if (!compiled.ok) return compiled;
  const { run, node, warnings } = compiled;
  return { ok: true, condition: { text, run, warnings, values: valuesOf(node) } };
}

/** True, false, or why it can not be said. Never throws; looks at nothing but the scope. */
export function holds({ run, text }: Condition, scope: Scope): boolean | Fault {
  const answer = run(scope);
  if (answer === true || answer === false || answer instanceof Fault) return answer;
  return new Fault(`\`${text}\` is ${kindOf(answer)}, neither true nor false`);
}

/** An expression that stands for a value: what a limit sums, or keeps apart. */
export type Formula = { text: string; run: Run };

export type CompiledFormula = { ok: true; formula: Formula } | { ok: false; problems: ConditionProblem[] };

/** Compiles an expression that must yield a number (`limits.sum`) or any value (`limits.per`). */
export function compileFormula(text: string, kind: 'number' | 'any'): CompiledFormula {
  const compiled = compile(text, kind);
  return compiled.ok ? { ok: true, formula: { text, run: compiled.run } } : compiled;
}

function compile(
  text: string,
  wanted: StaticKind | 'any',
): { ok: true; run: Run; node: Node; warnings: string[] } | { ok: false; problems: ConditionProblem[] } {
  const parsed = parseCondition(text);
  if (!parsed.ok) return parsed;
  const problems: ConditionProblem[] = [];
  const warnings: string[] = [];
  const report: Report = (node, message, severity = 'problem') => {
    if (severity === 'warning') warnings.push(message);
    else problems.push({ index: node.at, code: 'condition_type', message });
  };
  const expression = compileNode(parsed.node, text, report);
  if (wanted === 'boolean') boolean(expression, parsed.node, report);
  else if (wanted !== 'any' && expression.kind !== 'unknown' && expression.kind !== wanted) {
    report(parsed.node, `\`${text}\` is a ${expression.kind}, where a ${wanted} is expected.`);
  }
  return problems.length === 0
    ? { ok: true, run: expression.run, node: parsed.node, warnings }
    : { ok: false, problems };
}

function valuesOf(root: Node): Condition['values'] {
  const paths = new Map<string, Run>();
  const collect = (node: Node): void => {
    if (node.kind === 'path') paths.set(pathText(node), compilePath(node).run);
    else if (node.kind === 'call') node.args.forEach(collect);
    else if (node.kind === 'not' || node.kind === 'negate') collect(node.operand);
    else if (node.kind === 'binary') {
      collect(node.left);
      collect(node.right);
    }
  };
  collect(root);
  return (scope) => {
    const values: Record<string, Json> = {};
    for (const [path, run] of paths) {
      const value = run(scope);
      if (!(value instanceof Fault)) values[path] = value;
    }
    return values;
  };
}
