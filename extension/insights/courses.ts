/** What is read becomes points over time. Pure. */
import type { Estimate, LoadFigures, Trend } from '@countersign/shared/contracts';
import type { Course } from './Plot.tsx';

/** A share day by day, with its interval; nothing on days that have too few to say. */
export function shareByDay(days: Trend['days'], of: (day: Trend['days'][number]) => Estimate): Course {
  const said = days.map((day) => {
    const share = of(day);
    return share.enough ? share : null;
  });
  return {
    at: days.map(({ at }) => Date.parse(at)),
    value: said.map((share) => share?.rate ?? null),
    low: said.map((share) => share?.low ?? null),
    high: said.map((share) => share?.high ?? null),
  };
}

/** Something counted hour by hour. Hours in which nothing happened are told of as nothing. */
export function byHour(
  hours: LoadFigures['hours'],
  of: (hour: LoadFigures['hours'][number]) => number | null,
  nothing: number | null,
): Course {
  const known = new Map(hours.map((hour) => [Date.parse(hour.at), of(hour)]));
  const times = [...known.keys()].toSorted((a, b) => a - b);
  const [first = 0, last = -1] = [times[0], times.at(-1)];
  const at: number[] = [];
  for (let hour = first; hour <= last; hour += 3_600_000) at.push(hour);
  return { at, value: at.map((hour) => known.get(hour) ?? nothing) };
}
