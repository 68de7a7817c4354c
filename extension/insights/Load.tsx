import type { LoadFigures } from '@countersign/shared/contracts';
import { useMemo } from 'preact/hooks';
import { say } from '../words/say.ts';
import { Chart } from './Chart.tsx';
import { byHour } from './courses.ts';
import { countText, notSaid, shareText, timeText } from './numbers.ts';

/** Whether there are people enough for what arrives, and how long it really waited. */
export function Load({ load: { load, wait, hours, handling_ms } }: { load: LoadFigures }) {
  const [arrivals, waits] = useMemo(
    () => [byHour(hours, ({ arrived }) => arrived, 0), byHour(hours, (hour) => hour.wait_median_ms, null)],
    [hours],
  );
  return (
    <section aria-label={say('by_hour')}>
      <h2>{say('by_hour')}</h2>
      <p class={load.enough && load.too_busy ? 'warn' : ''}>
        {!load.enough && say('load_too_short', Math.floor(load.n), load.needed)}
        {load.enough &&
          (load.busy === null
            ? say('load_nobody')
            : say(load.too_busy ? 'load_too_busy' : 'load_busy', shareText(load.busy)))}{' '}
        {wait.enough
          ? say('load_wait', timeText(wait.median), timeText(wait.p90))
          : `${say('load_wait_unsaid')} ${notSaid(wait)}`}{' '}
        {handling_ms !== null && say('load_handling', timeText(handling_ms))}
      </p>
      <div class="charts">
        <Chart title={say('chart_arrived')} course={arrivals} text={countText} bars />
        <Chart title={say('chart_waited')} course={waits} text={timeText} bars />
      </div>
    </section>
  );
}
