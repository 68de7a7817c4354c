/** A day (`2026-12-01`) or an instant with its offset (`2026-12-01T09:00:00Z`), in ms; a day counts from its UTC midnight. */
export type When = { at: number; day: boolean };

/** Reads a day or an instant; undefined for anything else, 2026-02-31 included. */
export function whenOf(text: string): When | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (!day && !instant) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || (day && !date.toISOString().startsWith(text))) return undefined;
  return { at: date.getTime(), day };
}

/** With its weekday: `Tue, Dec 1, 2026`, and for an instant the time where the reviewer is. */
export function whenText({ at, day }: When, language: string): string {
  const date = { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' } as const;
  return new Intl.DateTimeFormat(
    language,
    day ? { ...date, timeZone: 'UTC' } : { ...date, hour: 'numeric', minute: '2-digit' },
  ).format(at);
}

const minute = 60_000;
const hour = 60 * minute;
const dayLong = 24 * hour;

/** How far away: `tomorrow`, `in 3 hours`, `2 months ago`. Days are the reviewer's own. */
export function distanceText({ at, day }: When, now: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const say = (amount: number, unit: Intl.RelativeTimeFormatUnit) => format.format(Math.trunc(amount), unit);
  const far = at - now;
  if (!day && Math.abs(far) < hour) return say(far / minute, 'minute');
  if (!day && Math.abs(far) < dayLong) return say(far / hour, 'hour');
  const days = Math.round((day ? at - midnight(now) : midnight(at) - midnight(now)) / dayLong);
  if (Math.abs(days) < 60) return say(days, 'day');
  if (Math.abs(days) < 730) return say(days / 30.44, 'month');
  return say(days / 365.25, 'year');
}

/** The calendar day where the reviewer is, as its UTC midnight, to be compared with other days. */
function midnight(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}
