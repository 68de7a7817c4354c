import type { Trend } from '@countersign/shared/contracts';
import { useMemo } from 'preact/hooks';
import { say } from '../words/say.ts';
import { Chart } from './Chart.tsx';
import { shareByDay } from './courses.ts';
import { shareText } from './numbers.ts';
import type { Course } from './Plot.tsx';

/** Day by day: approved, too fast to have read, timed out, canaries caught; each with its interval. */
export function Trends({ trend: { days } }: { trend: Trend }) {
  const courses = useMemo(
    () =>
      (
        [
          ['chart_approved', shareByDay(days, ({ approval }) => approval)],
          ['chart_too_fast', shareByDay(days, ({ too_fast }) => too_fast)],
          ['chart_timed_out', shareByDay(days, ({ timeouts }) => timeouts)],
          ['chart_caught', shareByDay(days, ({ catches }) => catches)],
        ] as const
      ).map(([title, course]) => ({ title, course })),
    [days],
  );
  return (
    <section aria-label={say('by_day')}>
      <h2>{say('by_day')}</h2>
      <div class="charts">
        {courses.map(({ title, course }) => (
          <Chart key={title} title={say(title)} course={course} text={shareText} {...axisOf(title, course)} />
        ))}
      </div>
    </section>
  );
}

/** Shares that are high are looked at from the top: what matters of them is how far they are from all. */
function axisOf(title: string, { low = [] }: Course): { begins?: number; ends?: number } {
  if (title !== 'chart_approved' && title !== 'chart_caught') return {};
  const lowest = Math.min(0.8, ...low.flatMap((share) => share ?? []));
  return { begins: Math.floor(lowest * 10) / 10, ends: 1 };
}
