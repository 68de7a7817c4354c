/** The agent's pocket calculator. */
import jsep from 'jsep';

/**
 * The value of a sum such as `(350 - 122) * 2 + 100`: numbers, `+ - * /` and parentheses.
 *
 * @throws {Error} for anything else.
 */
export function arithmetic(expression: string): number {
  return value(jsep(expression));
}

function value(node: jsep.Expression): number {
  if (node.type === 'Literal' && typeof node.value === 'number') return node.value;
  if (isUnary(node) && node.operator === '-') return -value(node.argument);
  if (isBinary(node)) {
    const [left, right] = [value(node.left), value(node.right)];
    if (node.operator === '+') return left + right;
    if (node.operator === '-') return left - right;
    if (node.operator === '*') return left * right;
    if (node.operator === '/') return left / right;
  }
  throw new Error(`not a sum: ${node.type}`);
}

function isBinary(node: jsep.Expression): node is jsep.BinaryExpression {
  return node.type === 'BinaryExpression';
}

function isUnary(node: jsep.Expression): node is jsep.UnaryExpression {
  return node.type === 'UnaryExpression';
}
