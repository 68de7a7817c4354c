/**
 * What limits count: decimals with six places, kept as whole millionths, so that 0.1 and 0.2 are 0.3 however often they
 * are added, by whomever.
 */

const SCALE = 1_000_000;

/**
 * No limit is higher, and one call counts as no more: the sum of two is still exact as a double (2^53 − 1). A call of
 * more has passed every limit there is.
 */
export const MOST_COUNTED = 4_000_000_000;

/**
 * Millionths of an amount, to the nearest; what is more than nothing is at least one. undefined for a negative amount:
 * it would make room for others.
 */
export function toMicros(amount: number): number | undefined {
  if (!(amount >= 0)) return undefined;
  const micros = Math.round(Math.min(amount, MOST_COUNTED) * SCALE);
  return amount > 0 ? Math.max(1, micros) : 0;
}

/** The amount that so many millionths stand for, as the nearest double. */
export function fromMicros(micros: number): number {
  return micros / SCALE;
}

/** The most millionths that are not more than `over`: a sum passes the limit where it is greater than this. */
export function mostWithin(over: number): number {
  const nearest = Math.round(over * SCALE);
  return fromMicros(nearest) <= over ? nearest : nearest - 1;
}
