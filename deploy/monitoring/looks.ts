/** Panels of the Grafana dashboard: one small function for each look, so that all of a kind look alike. */

/** Where a panel's numbers come from: PromQL, and what its lines are called. */
export type Query = { expr: string; legend?: string; refId: string };

type Look = {
  title: string;
  description: string;
  /** Grafana's name of it: `percentunit`, `s`, `short`. */
  unit: string;
  queries: Query[];
};

type Place = { x: number; y: number; w: number; h: number };
export type Panel = Record<string, unknown> & { title: string; gridPos: Place };

/** The one that was chosen when the dashboard was imported, or since. */
export const datasource = { type: 'prometheus', uid: '$datasource' };

const targetsOf = (queries: readonly Query[], more: object = {}) =>
  queries.map(({ expr, legend, refId }) => ({
    datasource,
    expr,
    legendFormat: legend ?? '__auto',
    refId,
    ...more,
  }));

type Steps = { color: string; value: number | null }[];
const plain: Steps = [{ color: 'text', value: null }];

/** What all of them have. */
const base = ({ title, description }: Look, gridPos: Place) => ({ title, description, datasource, gridPos });

/** Lines over time; of a rate, drawn with a band from the line called `low` to the one called `high`. */
export function lines(
  look: Look,
  gridPos: Place,
  { steps = plain, max, repeat }: { steps?: Steps; max?: number; repeat?: string } = {},
): Panel {
  const hidden = [{ id: 'custom.lineWidth', value: 0 }];
  return {
    ...base(look, gridPos),
    type: 'timeseries',
    targets: targetsOf(look.queries),
    ...(repeat && { repeat, repeatDirection: 'h', maxPerRow: 3 }),
    fieldConfig: {
      defaults: {
        unit: look.unit,
        min: 0,
        ...(max !== undefined && { max }),
        color: { mode: 'palette-classic' },
        custom: {
          drawStyle: 'line',
          lineWidth: 2,
          showPoints: 'auto',
          spanNulls: false,
          thresholdsStyle: { mode: steps === plain ? 'off' : 'dashed' },
        },
        thresholds: { mode: 'absolute', steps },
      },
      overrides: [
        { matcher: { id: 'byName', options: 'low' }, properties: hidden },
        {
          matcher: { id: 'byName', options: 'high' },
          properties: [
            ...hidden,
            { id: 'custom.fillBelowTo', value: 'low' },
            { id: 'custom.fillOpacity', value: 20 },
          ],
        },
      ],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  };
}

/** Counts over time, stacked. */
export function bars(look: Look, gridPos: Place, interval: string): Panel {
  return {
    ...base(look, gridPos),
    type: 'timeseries',
    interval,
    targets: targetsOf(look.queries),
    fieldConfig: {
      defaults: {
        unit: look.unit,
        min: 0,
        custom: {
          drawStyle: 'bars',
          fillOpacity: 80,
          lineWidth: 0,
          stacking: { mode: 'normal', group: 'A' },
        },
      },
      overrides: [],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  };
}

/** A row for each group of labels, a column for each query: `columns` says what each is called and measured in. */
export function table(
  look: Look,
  gridPos: Place,
  columns: Record<string, { name: string; unit: string; mappings?: unknown[] }>,
): Panel {
  const named = Object.entries(columns).map(([refId, { name }]) => [`Value #${refId}`, name]);
  return {
    ...base(look, gridPos),
    type: 'table',
    targets: targetsOf(look.queries, { format: 'table', instant: true, range: false }),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: { excludeByName: { Time: true }, renameByName: Object.fromEntries(named) },
      },
    ],
    fieldConfig: {
      defaults: { unit: look.unit, custom: { align: 'auto', filterable: true } },
      overrides: Object.values(columns).map(({ name, unit, mappings }) => ({
        matcher: { id: 'byName', options: name },
        properties: [
          { id: 'unit', value: unit },
          ...(mappings === undefined
            ? []
            : [
                { id: 'mappings', value: mappings },
                { id: 'custom.cellOptions', value: { type: 'color-text' } },
              ]),
        ],
      })),
    },
    options: { showHeader: true },
  };
}

/** One number for each line, coloured from a step on. */
export function stat(look: Look, gridPos: Place, steps: Steps): Panel {
  return {
    ...base(look, gridPos),
    type: 'stat',
    targets: targetsOf(look.queries, { instant: true, range: false }),
    fieldConfig: {
      defaults: { unit: look.unit, thresholds: { mode: 'absolute', steps }, noValue: 'too few to say' },
      overrides: [],
    },
    options: { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } },
  };
}

export const row = (title: string, y: number): Panel => ({
  title,
  type: 'row',
  collapsed: false,
  panels: [],
  gridPos: { x: 0, y, w: 24, h: 1 },
});
