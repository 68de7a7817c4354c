import { lazily } from '../surface/lazily.tsx';
import { language, say } from '../words/say.ts';
import type { Course } from './Plot.tsx';

const Plot = lazily(() => import('./Plot.tsx').then((part) => part.default));

type Props = {
  title: string;
  course: Course;
  text: (value: number) => string;
  bars?: boolean;
  begins?: number;
  ends?: number;
};

/** A picture with its title, and the same numbers as a table beside it. */
export function Chart({ title, course, text, bars = false, ...axis }: Props) {
  const said = course.value.filter((value) => value !== null).length;
  const when = new Intl.DateTimeFormat(language(), {
    day: 'numeric',
    month: 'short',
    ...(bars ? { hour: 'numeric' } : {}),
  });
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      {said === 0 ? (
        <p class="unsaid">{say('chart_nothing')}</p>
      ) : (
        <>
          <Plot course={course} label={say('chart_label', title)} text={text} bars={bars} {...axis} />
          <details>
            <summary>{say('chart_table')}</summary>
            <table>
              <thead>
                <tr>
                  <th scope="col">{say('chart_when')}</th>
                  <th scope="col">{title}</th>
                  {course.low && <th scope="col">{say('chart_interval')}</th>}
                </tr>
              </thead>
              <tbody>
                {course.at.map((at, n) => {
                  const value = course.value[n];
                  const [low, high] = [course.low?.[n], course.high?.[n]];
                  return (
                    <tr key={at}>
                      <th scope="row">{when.format(at)}</th>
                      <td>{value === null || value === undefined ? say('chart_too_few') : text(value)}</td>
                      {course.low && (
                        <td>
                          {typeof low === 'number' && typeof high === 'number'
                            ? `${text(low)}–${text(high)}`
                            : ''}
                        </td>
                      )}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </details>
        </>
      )}
    </figure>
  );
}
