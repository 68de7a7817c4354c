/** A person's wall clock: what day and time it is where they are. */
import type { Preferences, Weekday } from '../contracts/index.ts';

/** A weekday and the minutes since its midnight, as a clock on that wall shows them. */
export type DayTime = { day: Weekday; minutes: number };

const days: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}

/** The day and time in a time zone (IANA) at a moment in ms. Throws `RangeError` for a zone that does not exist. */
export function dayTimeIn(timeZone: string, now: number): DayTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const day = days.find((name) => parts.get('weekday')?.toLowerCase() === name) ?? 'sun';
  return { day, minutes: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

/** Minutes since midnight of `HH:MM`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

const day = 86_400_000;
const minute = 60_000;

/**
 * Whether a digest has fallen due after `since` (ms) and no later than `now` (ms). Several that were slept through are
 * one; what is more than a day old is not made up for.
 */
export function digestDue(
  { digest_at, time_zone }: Pick<Preferences, 'digest_at' | 'time_zone'>,
  since: number,
  now: number,
): boolean {
  const times = new Set(digest_at.map(minutesOf));
  if (times.size === 0) return false;
  // Whole minutes, looked at one by one on the wall's own clock: right across changes to and from summer time.
  const first = Math.floor(Math.max(since, now - day) / minute) + 1;
  for (let at = first; at * minute <= now; at += 1) {
    if (times.has(dayTimeIn(time_zone, at * minute).minutes)) return true;
  }
  return false;
}
