import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { language } from '../words/say.ts';

/** Points over time: `at` in ms; null where nothing is said. With `low` and `high` a band is drawn behind the line. */
export type Course = {
  at: readonly number[];
  value: readonly (number | null)[];
  low?: readonly (number | null)[];
  high?: readonly (number | null)[];
};

type Props = {
  course: Course;
  /** What a screen reader is told of the picture; the table beside it has the numbers. */
  label: string;
  text: (value: number) => string;
  bars?: boolean;
  /** Where the axis begins. It ends a little above the highest, bands included, or at `ends`. */
  begins?: number;
  ends?: number;
};

const height = 150;

/** A line with its interval, or bars, over time. */
export default function Plot({ course, label, text, bars = false, begins = 0, ends }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      plot = drawn(place, course, text, bars, [begins, ends ?? aboveOf(course)]);
    };
    draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height }));
    resized.observe(place);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [course, bars]);
  return <div ref={box} class="plot" role="img" aria-label={label} />;
}

function aboveOf({ value, high = [] }: Course): number {
  const top = Math.max(0, ...[...value, ...high].flatMap((one) => one ?? []));
  return top > 0 ? top * 1.1 : 1;
}

function drawn(
  place: HTMLElement,
  { at, value, low, high }: Course,
  text: (value: number) => string,
  bars: boolean,
  range: [number, number],
): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--soft'),
    font: '11px system-ui',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const day = new Intl.DateTimeFormat(language(), { day: 'numeric', month: 'short' });
  const band = low !== undefined && high !== undefined;
  const line: uPlot.Series = {
    stroke: colour('--accent'),
    width: bars ? 1 : 2,
    spanGaps: false,
    points: { show: !bars, size: 5 },
    ...(bars && uPlot.paths.bars
      ? { paths: uPlot.paths.bars({ size: [0.8] }), fill: colour('--accent') }
      : {}),
  };
  const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
  return new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true }, y: { range } },
      axes: [
        { ...axis, size: 28, space: 70, values: (_, times) => times.map((time) => day.format(time * 1_000)) },
        { ...axis, size: 56, values: (_, values) => values.map(text) },
      ],
      series: [{}, line, ...(band ? [edge, edge] : [])],
      ...(band ? { bands: [{ series: [3, 2], fill: colour('--band') }] } : {}),
    },
    [at.map((time) => time / 1_000), [...value], ...(band ? [[...low], [...high]] : [])],
    place,
  );
}
