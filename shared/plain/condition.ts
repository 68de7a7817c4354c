import type { Json } from '@countersign/shared/contracts';
import type { At } from './at.ts';

/** A name in a condition, and what it stood for. */
export type ConditionValue = {
  /** As the condition has it: `param.items[0].price`. */
  name: string;
  /** The value as JSON, cut where it is long. */
  value: string;
  /** The value itself: whether it is covered is judged by this, never by how it is written. */
  raw: Json | undefined;
  /** Whose it is: the arguments', the context's, or the call's own (`agent`, `tool.sensitivity`). */
  of: 'param' | 'context' | 'call';
  /** Where it stands in the arguments or the context. */
  at: At;
};

/** A condition with its values filled in: `param.amount (2400) > 50`. */
export type ConditionPiece = { text: string } | ConditionValue;

/** Longer values are cut, UTF-16 units: the payload has them whole. */
const longestValue = 80;

/**
 * Puts beside each name of a condition the value that it had. Names inside quotes are text, not names.
 *
 * @param values by name, as the rule's evaluation saw them: JSON
 * @param longest UTF-16 units of a value
 */
export function fillIn(
  condition: string,
  values: Record<string, unknown> = {},
  longest: number = longestValue,
): ConditionPiece[] {
  const pieces: ConditionPiece[] = [];
  const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*(?:\.\w+|\[[^\]]*\])*/g;
  let end = 0;
  for (const match of condition.matchAll(token)) {
    const name = match[0];
    if (!Object.hasOwn(values, name)) continue;
    if (match.index > end) pieces.push({ text: condition.slice(end, match.index) });
    const raw = values[name] as Json | undefined;
    pieces.push({ name, value: written(raw, longest), raw, ...placeOf(name) });
    end = match.index + name.length;
  }
  if (end < condition.length) pieces.push({ text: condition.slice(end) });
  return pieces;
}

function written(value: Json | undefined, longest: number): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** `param.items[0]["a b"]` stands at items, 0, a b of the arguments. */
function placeOf(name: string): Pick<ConditionValue, 'of' | 'at'> {
  const [root = ''] = /^\w+/.exec(name) ?? [];
  if (root !== 'param' && root !== 'context') return { of: 'call', at: [] };
  const steps = name.slice(root.length).matchAll(/\.(\w+)|\[("(?:[^"\\]|\\.)*"|\d+)\]/g);
  const at = [...steps].map(([, member, index = '']) =>
    member === undefined ? String(JSON.parse(index)) : member,
  );
  return { of: root, at };
}
