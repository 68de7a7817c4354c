/** A condition with its values filled in: `param.amount (2400) > 50`. */
export type ConditionPiece = { text: string } | { name: string; value: string };

/**
 * Puts beside each name of a condition the value that it had. Names inside quotes are text, not names.
 *
 * @param values by name, as the rule's evaluation saw them
 */
export function fillIn(condition: string, values: Record<string, unknown> = {}): ConditionPiece[] {
  const pieces: ConditionPiece[] = [];
  const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_][\w.]*(?:\[[^\]]*\])?/g;
  let end = 0;
  for (const match of condition.matchAll(token)) {
    const name = match[0];
    if (!Object.hasOwn(values, name)) continue;
    if (match.index > end) pieces.push({ text: condition.slice(end, match.index) });
    pieces.push({ name, value: short(values[name]) });
    end = match.index + name.length;
  }
  if (end < condition.length) pieces.push({ text: condition.slice(end) });
  return pieces;
}

function short(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
