/** Durations as people write them in policy. */

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WRITTEN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/;

/** Beyond a year a timer is a wish; `never` says so honestly. */
const LONGEST_MS = 366 * 86_400_000;

/**
 * Milliseconds of `500ms`, `10s`, `10m`, `1.5h` or `2d`; a bare number, written as text or not, is seconds.
 * `never` is null. Anything else, a negative number or more than 366 days is undefined.
 */
export function parseDuration(text: string | number): number | null | undefined {
  if (text === 'never') return null;
  const match = WRITTEN.exec(String(text).trim());
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * (UNITS[match[2] ?? 's'] ?? Number.NaN));
  return ms <= LONGEST_MS ? ms : undefined;
}
