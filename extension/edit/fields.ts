import type { Json, JsonObject } from '@countersign/shared/contracts';
import { type At, labelOf, pathOf, valueAt } from '@countersign/shared/plain';

/** What a box holds: each kind is read back as the type that the arguments had, or that the schema asks for. */
export type FieldKind = 'text' | 'number' | 'integer' | 'flag' | 'choice' | 'list' | 'json';

/** One box of the edit form. */
export type Field = {
  at: At;
  path: string;
  labels: string[];
  kind: FieldKind;
  /** For `choice`: the values that the schema allows. For `list`: nothing. */
  choices: Json[];
  /** For `list`: the type of every item. */
  items: 'text' | 'number';
  /** Policy lets a reviewer change it. */
  editable: boolean;
  /** The schema knows it, the agent did not send it. Left empty, it stays away. */
  absent: boolean;
  /** What the schema says about it. */
  hint: string | undefined;
};

/**
 * The form for these arguments: one field a value, its type from the schema where there is one, else from the value.
 *
 * @param editable dotted paths that policy lets a reviewer change; a path covers all below it; null covers everything
 */
export function fieldsOf(
  args: JsonObject,
  schema: JsonObject | undefined,
  editable: string[] | null,
): Field[] {
  const fields: Field[] = [];
  const add = (at: At, value: Json | undefined, part: JsonObject | undefined) => {
    const { kind, items } = kindOf(value, part);
    fields.push({
      at,
      path: pathOf(at),
      labels: at.map(labelOf),
      kind,
      choices: Array.isArray(part?.enum) ? part.enum : [],
      items,
      editable: isEditable(at, editable),
      absent: value === undefined,
      hint: typeof part?.description === 'string' ? part.description : undefined,
    });
  };
  const walk = (value: Json, at: At, part: JsonObject | undefined) => {
    const open = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!open || (at.length > 0 && Object.keys(value).length === 0)) {
      add(at, value, part);
      return;
    }
    const properties = objectOf(part?.properties) ?? {};
    for (const [key, inner] of Object.entries(value)) walk(inner, [...at, key], objectOf(properties[key]));
    for (const key of Object.keys(properties)) {
      const inner = objectOf(properties[key]);
      if (!Object.hasOwn(value, key) && inner && isScalar(inner)) add([...at, key], undefined, inner);
    }
  };
  walk(args, [], schema);
  return fields;
}

function kindOf(
  value: Json | undefined,
  part: JsonObject | undefined,
): { kind: FieldKind; items: 'text' | 'number' } {
  const plain = (kind: FieldKind) => ({ kind, items: 'text' as const });
  if (Array.isArray(part?.enum) && part.enum.every((choice) => typeof choice !== 'object'))
    return plain('choice');
  const type = typeof part?.type === 'string' ? part.type : undefined;
  if (value === undefined || value === null) {
    if (type === 'number' || type === 'integer') return plain(type);
    if (type === 'boolean') return plain('flag');
    return plain(type === 'string' ? 'text' : 'json');
  }
  if (typeof value === 'string') return plain('text');
  if (typeof value === 'boolean') return plain('flag');
  if (typeof value === 'number') return plain(type === 'integer' ? 'integer' : 'number');
  if (Array.isArray(value) && value.length > 0) {
    if (value.every((item) => typeof item === 'string' && item !== '' && !/[\r\n]/.test(item)))
      return plain('list');
    if (value.every((item) => typeof item === 'number')) return { kind: 'list', items: 'number' };
  }
  return plain('json');
}

function isEditable(at: At, editable: string[] | null): boolean {
  if (editable === null) return true;
  return at.some((_, i) => editable.includes(pathOf(at.slice(0, i + 1))));
}

function isScalar(part: JsonObject): boolean {
  return ['string', 'number', 'integer', 'boolean'].includes(String(part.type)) || Array.isArray(part.enum);
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** The text that a field's box starts with. */
export function textOf(field: Field, args: JsonObject): string {
  const value = valueAt(args, field.at);
  if (value === undefined) return '';
  if (field.kind === 'list' && Array.isArray(value)) return value.join('\n');
  if (field.kind === 'json') return JSON.stringify(value, null, 2);
  if (value === null) return '';
  // Boxes give line ends back as \n; comparing with anything else would show an edit that nobody made.
  return String(value).replaceAll('\r\n', '\n');
}
