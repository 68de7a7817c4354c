/** Figures as a table for other programs: what is not said is an empty cell, and why stands beside it. Pure. */
import type { Estimate, FigureRow, Figures, LoadFigures, Spread, Trend } from '@countersign/shared/contracts';
import { line } from '../history/print.ts';

type Cells = (string | number | null)[];

const estimateHead = (name: string): string[] =>
  ['k', 'n', 'rate', 'low', 'high', 'not_said'].map((part) => `${name}_${part}`);

function estimateCells(figure: Estimate): Cells {
  if (figure.enough) return [figure.k, figure.n, figure.rate, figure.low, figure.high, null];
  if ('hidden' in figure) return [null, null, null, null, null, figure.hidden];
  return [null, figure.n, null, null, null, `needs ${figure.needed}`];
}

const spreadHead = (name: string): string[] => ['n', 'median', 'p90'].map((part) => `${name}_${part}`);
const spreadCells = (figure: Spread): Cells =>
  figure.enough ? [figure.n, figure.median, figure.p90] : ['hidden' in figure ? null : figure.n, null, null];

const estimates = ['approval', 'timeouts', 'repeats', 'too_fast', 'catches'] as const;
const spreads = ['wait', 'time', 'pace'] as const;
const counts = [
  'arrived',
  'decided',
  'approved',
  'edited',
  'rejected',
  'batched',
  'timed_out',
  'cancelled',
] as const;

const driftHead = ['n', 'sum', 'alarms', 'last'].map((part) => `drift_${part}`);
const driftCells = (figure: FigureRow['drift']): Cells =>
  figure.enough
    ? [figure.n, figure.sum, figure.alarms, figure.last_alarm]
    : ['hidden' in figure ? null : figure.n, null, null, null];

const cellsOf = (row: FigureRow): Cells => [
  row.people,
  ...counts.map((name) => row.requests[name]),
  row.reading.reading,
  row.reading.because,
  row.reading.how ?? null,
  ...estimates.flatMap((name) => estimateCells(row[name])),
  ...spreads.flatMap((name) => spreadCells(row[name])),
  ...driftCells(row.drift),
];

/** A line for each row, after one that names the columns. Times in ms, shares in 0…1. */
export function figuresCsv({ by, rows }: Pick<Figures, 'by' | 'rows'>): string {
  const head = [
    ...by,
    'people',
    ...counts,
    'reading',
    'because',
    'how',
    ...estimates.flatMap(estimateHead),
    ...spreads.flatMap(spreadHead),
    ...driftHead,
  ];
  const lines = rows.map((row) => line([...by.map((name) => row[name] ?? null), ...cellsOf(row)]));
  return [line(head), ...lines].join('');
}

const daily = ['approval', 'timeouts', 'too_fast', 'catches'] as const;

/** A line for each day. */
export function trendCsv({ days }: Pick<Trend, 'days'>): string {
  const lines = days.map((day) =>
    line([
      day.at,
      ...counts.map((name) => day.requests[name]),
      ...daily.flatMap((name) => estimateCells(day[name])),
    ]),
  );
  return [line(['day', ...counts, ...daily.flatMap(estimateHead)]), ...lines].join('');
}

const hourly = ['at', 'arrived', 'decided', 'timed_out', 'on_duty', 'wait_median_ms'] as const;

/** A line for each hour. */
export const hoursCsv = ({ hours }: Pick<LoadFigures, 'hours'>): string =>
  [line([...hourly]), ...hours.map((hour) => line(hourly.map((name) => hour[name])))].join('');
