/** Whether there are people enough for what arrives, and how long it waits. Pure. */
import type { LoadFigures } from '@countersign/shared/contracts';
import { loadOf } from '@countersign/shared/figures';
import { hourMs } from './cell.ts';
import { leastPeople, spreadIn } from './estimates.ts';
import { bucketsOf, quantile } from './histogram.ts';
import type { HourSums, Window } from './sums.ts';

const total = (hours: readonly HourSums[], of: (hour: HourSums) => number): number =>
  hours.reduce((sum, hour) => sum + of(hour), 0);

const utc = (ms: number): string => new Date(ms).toISOString();

/** What a verdict took on average, ms; undefined where that is known of none. */
function handlingMsIn(all: readonly HourSums[]): number | undefined {
  const timed = total(all, (hour) => hour.timed);
  return timed === 0 ? undefined : total(all, (hour) => hour.timed_ms) / timed;
}

/** Load over the window's hours; `busy` rests on a week at least, and on what a verdict took where that is known. */
export function loadIn(all: readonly HourSums[], { from, to }: Window): LoadFigures['load'] {
  const handlingMs = handlingMsIn(all);
  // What was not watched does not count: a log that begins on Friday has no idle Monday.
  const hours = Math.round((to - Math.max(from, all[0]?.at ?? to)) / hourMs);
  const load = loadOf({
    hours: handlingMs === undefined ? 0 : hours,
    arrivals: total(all, ({ arrived }) => arrived),
    handlingMs: handlingMs ?? 0,
    reviewerHours: total(all, ({ people }) => people),
  });
  if (!load.enough) return load;
  return {
    enough: true,
    hours: load.hours,
    arrivals_an_hour: load.arrivalsAnHour,
    on_duty: load.onDuty,
    busy: Number.isFinite(load.busy) ? load.busy : null,
    too_busy: load.tooBusy,
  };
}

/**
 * Load, waits and hours. What a verdict took is said of five people or more: of fewer it would be about them.
 *
 * @param people who gave verdicts in the window
 */
export function loadFigures(
  all: readonly HourSums[],
  window: Window,
  people: number,
): Omit<LoadFigures, 'searched' | 'sealed'> {
  return {
    window: { from: utc(window.from), to: utc(window.to) },
    load: loadIn(all, window),
    handling_ms: people < leastPeople ? null : (handlingMsIn(all) ?? null),
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
