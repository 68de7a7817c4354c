import type { Decide, Json, RequestView } from '@countersign/shared/contracts';
import { labelOf, maskOf, valueAt } from '@countersign/shared/plain';

/** One value that calls have to share. `text` is absent where the card covers it too. */
export type Same = { path: string; label: string; text?: string };

/** What calls have to share to be alike; null: every argument. */
export type Likeness = Same[] | null;

/** What may be granted with an approval, in numbers. */
export type Offer = { calls: number; seconds: number };

/** What this request's approval may grant, where policy lets it and the server is one that knows of it. */
export function offerOf({ grantable }: RequestView): Offer | undefined {
  if (!grantable || !(grantable.calls >= 1) || !(grantable.seconds >= 1)) return undefined;
  return { calls: grantable.calls, seconds: grantable.seconds };
}

/** The part of a verdict that grants it. */
export function grantOf(offer: Offer): NonNullable<Decide['grant']> {
  return { calls: offer.calls, seconds: Math.floor(offer.seconds) };
}

/**
 * What makes other calls like this one, each value with the name that the card gives it. What the card covers stays
 * covered here.
 */
export function likenessOf(request: RequestView, per: readonly string[] | null): Likeness {
  if (per === null) return null;
  const covered = maskOf(request);
  return per.map((path) => {
    const [root, ...at] = path.split('.');
    const value = valueAt(root === 'context' ? request.context : request.args, at);
    const label = at.map(labelOf).join(' › ');
    return covered(at, value) ? { path, label } : { path, label, text: textOf(value) };
  });
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** "1 hour", "90 minutes", "45 seconds": a whole number of the largest unit that divides it. */
export function durationText(seconds: number, language: string): string {
  const [unit, size] =
    seconds % 3600 === 0
      ? (['hour', 3600] as const)
      : seconds % 60 === 0
        ? (['minute', 60] as const)
        : (['second', 1] as const);
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(language, style).format(seconds / size);
}
