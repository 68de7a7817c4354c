/** Reading values out of a call. */
import type { Json, JsonObject } from '../../contracts/index.ts';
import type { Expression, Run } from './expression.ts';
import { Fault, kindOf } from './fault.ts';
import type { Node } from './tree.ts';

type PathNode = Extract<Node, { kind: 'path' }>;

/** A path as it is shown: `param.items[0].price`. */
export function pathText({ root, keys }: PathNode): string {
  const steps = keys.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return root + steps.join('');
}

/** Compiles a path. What is not there is a fault that names the path. */
export function compilePath(node: PathNode): Expression {
  const text = pathText(node);
  const missing = new Fault(`\`${text}\` is missing`);
  switch (node.root) {
    case 'agent':
      return { kind: 'text', run: (scope) => scope.agent, text, path: node };
    case 'run_id':
      return { kind: 'text', run: (scope) => scope.run_id ?? missing, text, path: node };
    case 'tool':
      return compileTool(node, text);
    default:
      return { kind: 'unknown', run: compileMembers(node, missing), text, path: node };
  }
}

function compileTool(node: PathNode, text: string): Expression {
  if (node.keys.length === 0) return { kind: 'text', run: (scope) => scope.tool, text, path: node };
  const unknown = new Fault(`\`${text}\` is missing: the tools table does not say it`);
  return node.keys[0] === 'reversible'
    ? { kind: 'boolean', run: (scope) => scope.reversible ?? unknown, text, path: node }
    : { kind: 'text', run: (scope) => scope.sensitivity ?? unknown, text, path: node };
}

function compileMembers(node: PathNode, missing: Fault): Run {
  const [key] = node.keys;
  const root = node.root === 'param' ? 'param' : 'context';
  // Most conditions look one step deep. A plain read is several times faster than asking for ownership
  // first, and means the same for every name that objects do not inherit.
  if (node.keys.length === 1 && isPlain(key)) {
    return root === 'param'
      ? (scope) => scope.param[key] ?? absent(scope.param, key, missing)
      : (scope) => scope.context[key] ?? absent(scope.context, key, missing);
  }
  const steps = node.keys.map((step) => compileStep(step, missing));
  const careful: Run = (scope) => {
    let current: Json | Fault = scope[root];
    for (const step of steps) {
      current = step(current);
      if (current instanceof Fault) return current;
    }
    return current;
  };
  const [, inner, deeper] = node.keys;
  if (!isPlain(key) || !isPlain(inner) || deeper !== undefined) return careful;
  // The same for two steps: whatever such a read does not find is left to the careful way.
  return (scope) => {
    const outer = scope[root][key];
    const found = typeof outer === 'object' && outer !== null && !Array.isArray(outer) ? outer[inner] : null;
    return found ?? careful(scope);
  };
}

/** A name that objects do not inherit. */
function isPlain(key: string | number | undefined): key is string {
  return typeof key === 'string' && !(key in Object.prototype);
}

/** null is a value; undefined is not. */
function absent(object: JsonObject, key: string, missing: Fault): null | Fault {
  return object[key] === null ? null : missing;
}

function compileStep(key: string | number, missing: Fault): (value: Json) => Json | Fault {
  if (typeof key === 'number') {
    const notList = new Fault(`${missing.reason}: there is no list to take [${key}] from`);
    return (value) =>
      Array.isArray(value) ? (value[key] ?? (key < value.length ? null : missing)) : notList;
  }
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return new Fault(`${missing.reason}: \`${key}\` is looked for in ${kindOf(value)}`);
    }
    return Object.hasOwn(value, key) ? (value[key] ?? null) : missing;
  };
}
