/** Whether there are people enough for what arrives, and how long it waits. Pure. */
import type { LoadFigures } from '@countersign/shared/contracts';
import { loadOf } from '@countersign/shared/figures';
import { hourMs } from './cell.ts';
import { spreadIn } from './estimates.ts';
import { bucketsOf, quantile } from './histogram.ts';
import type { HourSums, Window } from './sums.ts';

const total = (hours: readonly HourSums[], of: (hour: HourSums) => number): number =>
  hours.reduce((sum, hour) => sum + of(hour), 0);

const utc = (ms: number): string => new Date(ms).toISOString();

/** Load over the window's hours; `busy` rests on a week at least, and on what a verdict took where that is known. */
export function loadFigures(
  all: readonly HourSums[],
  { from, to }: Window,
): Omit<LoadFigures, 'searched' | 'sealed'> {
  const timed = total(all, (hour) => hour.timed);
  const handlingMs = timed === 0 ? undefined : total(all, (hour) => hour.timed_ms) / timed;
  // What was not watched does not count: a log that begins on Friday has no idle Monday.
  const hours = Math.round((to - Math.max(from, all[0]?.at ?? to)) / hourMs);
  const load = loadOf({
    hours: handlingMs === undefined ? 0 : hours,
    arrivals: total(all, ({ arrived }) => arrived),
    handlingMs: handlingMs ?? 0,
    reviewerHours: total(all, ({ people }) => people),
  });
  return {
    window: { from: utc(from), to: utc(to) },
    load: load.enough
      ? {
          enough: true,
          hours: load.hours,
          arrivals_an_hour: load.arrivalsAnHour,
          on_duty: load.onDuty,
          busy: Number.isFinite(load.busy) ? load.busy : null,
          too_busy: load.tooBusy,
        }
      : load,
    handling_ms: handlingMs ?? null,
    wait: spreadIn('wait', sumOfWaits(all)),
    hours: all.map((hour) => ({
      at: utc(hour.at),
      arrived: hour.arrived,
      decided: hour.approved + hour.rejected + hour.batched,
      timed_out: hour.timed_out,
      on_duty: hour.people,
      wait_median_ms: hour.waits.some((n) => n > 0) ? quantile('wait', hour.waits, 0.5) : null,
    })),
  };
}

function sumOfWaits(all: readonly HourSums[]): number[] {
  const sums = Array.from({ length: bucketsOf('wait') }, () => 0);
  for (const { waits } of all)
    waits.forEach((n, at) => {
      sums[at] = (sums[at] ?? 0) + n;
    });
  return sums;
}
