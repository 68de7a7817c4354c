/** Quiet hours. */
import type { Preferences, Weekday } from '../contracts/index.ts';
import { dayTimeIn, minutesOf } from './clock.ts';

const week: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Whether it is quiet at a moment in ms: then only critical requests interrupt. */
export function isQuiet(
  { quiet_hours, time_zone }: Pick<Preferences, 'quiet_hours' | 'time_zone'>,
  now: number,
): boolean {
  if (quiet_hours.length === 0) return false;
  const { day, minutes } = dayTimeIn(time_zone, now);
  const yesterday = week[(week.indexOf(day) + 6) % 7] ?? day;
  return quiet_hours.some(({ days = week, from, to }) => {
    const [start, end] = [minutesOf(from), minutesOf(to)];
    if (start < end) return days.includes(day) && minutes >= start && minutes < end;
    // Past midnight: the evening of a day it begins on, or the morning after one.
    return (days.includes(day) && minutes >= start) || (days.includes(yesterday) && minutes < end);
  });
}
