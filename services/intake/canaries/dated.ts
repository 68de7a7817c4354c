/** Whether a call says when it was made: told again later, it would be about a day that has gone. Pure. */

/** A day before it was made counts as its time: what was ordered yesterday is refunded today. */
const around = 7 * 86_400_000;

/** Days and instants as ISO 8601 writes them, and numbers that are seconds or milliseconds of our time. */
const moments =
  /(?<![\d-])(\d{4}-\d{2}-\d{2})(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?|(?<![\d.])(1[6-9]\d{8}|1[6-9]\d{11})(?![\d.])/g;

/**
 * Whether a text names a moment between the days before it was written and the day that ends at `now`; both in ms.
 */
export function namesItsTime(text: string, written: number, now: number): boolean {
  for (const [, day, time = '', , number] of text.matchAll(moments)) {
    const at =
      day === undefined ? Number(number) * (number?.length === 10 ? 1000 : 1) : Date.parse(`${day}${time}`);
    if (at >= written - around && at <= now + 86_400_000) return true;
  }
  return false;
}
