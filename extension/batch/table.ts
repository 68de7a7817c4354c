/** From a batch as it is sent to what stands in its table. */
import type { Batch, BatchRow, Json, JsonObject } from '@countersign/shared/contracts';
import { type At, labelOf, type Mask, maskOf, type Segment, titleOf } from '@countersign/shared/plain';

/** The place that a JSON Pointer (RFC 6901) names. */
export function atOf(pointer: string): At {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A place as a person would name it. */
export function labelsOf(pointer: string): string[] {
  return atOf(pointer).map(labelOf);
}

/**
 * A row's arguments, put together again from what is common and what is its own, so that a value is shown as its card
 * shows it: money beside its currency, secrets covered. Lists of objects come back as objects with positions as keys.
 */
export function argsOf({ common, columns }: Pick<Batch, 'common' | 'columns'>, row?: BatchRow): JsonObject {
  const args = emptyObject();
  for (const { path, value } of common) put(args, atOf(path), value);
  if (row) for (const [index, path] of columns.entries()) put(args, atOf(path), row.values[index] ?? null);
  return args;
}

/** Keys are an agent's: `__proto__` is one like any other. */
const emptyObject = (): JsonObject => Object.create(null);

function put(into: JsonObject, at: At, value: Json): void {
  const [key = '', ...inner] = at;
  if (inner.length === 0) {
    into[key] = value;
    return;
  }
  const there = into[key];
  const nested = isObject(there) ? there : emptyObject();
  into[key] = nested;
  put(nested, inner, value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a request in a batch would do, in one sentence, and what of it is covered. */
export function described(
  { tool, mask }: Pick<Batch, 'tool' | 'mask'>,
  args: JsonObject,
  title: BatchRow['title'],
  language: string,
): { segments: Segment[]; mask: Mask } {
  const tool_facts = mask === undefined ? {} : { mask };
  const plain = { tool, args, tool_facts, friction: { kind: 'none' as const, paths: [] } };
  const request = title === undefined ? plain : { ...plain, card: { title } };
  return { segments: titleOf(request, language), mask: maskOf(request) };
}

/** A sum of money, or of numbers where no currency is known. Never rounded. */
export function sumText(total: number, currency: string | undefined, language: string): string {
  const digits = String(total).split('.')[1]?.length ?? 0;
  if (currency === undefined || !Intl.supportedValuesOf('currency').includes(currency)) {
    const text = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(total);
    return currency === undefined ? text : `${text} ${currency}`;
  }
  const style = { style: 'currency', currency } as const;
  const usual = new Intl.NumberFormat(language, style).resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat(language, { ...style, maximumFractionDigits: Math.max(usual, digits) }).format(
    total,
  );
}
