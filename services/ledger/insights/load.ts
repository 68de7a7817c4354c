/** Whether there are people enough for what arrives, and how long it waits. Pure. */
import type { LoadFigures } from '@countersign/shared/contracts';
import { loadOf } from '@countersign/shared/figures';
import { hourMs } from './cell.ts';
import { countsOf, spreadOf } from './estimates.ts';
import { quantile } from './histogram.ts';
import { addTo, histogramIn, type Measures, valueIn } from './measures.ts';
import type { MomentSums, Window } from './sums.ts';

function waitIn(requests: Measures): number | null {
  const counts = histogramIn(requests, 'wait');
  return counts.some((n) => n > 0) ? quantile('wait', counts, 0.5) : null;
}

const utc = (ms: number): string => new Date(ms).toISOString();

/** Load over the window's hours; `busy` rests on a week at least, and on what a verdict took where that is known. */
export function loadFigures(
  moments: readonly MomentSums[],
  { from, to }: Window,
): Omit<LoadFigures, 'searched' | 'sealed'> {
  const [requests, verdicts]: [Measures, Measures] = [{}, {}];
  for (const moment of moments) {
    addTo(requests, moment.requests);
    addTo(verdicts, moment.verdicts);
  }
  const timed = valueIn(verdicts, 'timed');
  const handlingMs = timed === 0 ? undefined : valueIn(verdicts, 'timed_ms') / timed;
  // What was not watched does not count: a log that begins on Friday has no idle Monday.
  const hours = Math.round((to - Math.max(from, moments[0]?.at ?? to)) / hourMs);
  const reviewerHours = moments.reduce((sum, { people }) => sum + people.length, 0);
  const load = loadOf({
    hours: handlingMs === undefined ? 0 : hours,
    arrivals: valueIn(requests, 'arrived'),
    handlingMs: handlingMs ?? 0,
    reviewerHours,
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
    wait: spreadOf(requests, 'wait'),
    hours: moments.map((moment) => {
      const { arrived, decided, batched, timed_out } = countsOf(moment.requests);
      return {
        at: utc(moment.at),
        arrived,
        decided: decided + batched,
        timed_out,
        on_duty: moment.people.length,
        wait_median_ms: waitIn(moment.requests),
      };
    }),
  };
}
