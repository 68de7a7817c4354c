/** I3, G1–G3: the Grafana dashboard and the rules for Prometheus ask for what the services really give, and compute what the lead's page does. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fourWay, LEAST, rateOf } from '@countersign/shared/figures';
import { serve } from '@hono/node-server';
import jsep from 'jsep';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { files } from '../../deploy/monitoring/build.ts';
import { dashboard } from '../../deploy/monitoring/dashboard.ts';
import { high, low, READINGS, reading, share } from '../../deploy/monitoring/queries.ts';
import { rules } from '../../deploy/monitoring/rules.ts';
import { type Insights, insightsMetrics } from '../../services/ledger/metrics/insights.ts';
import { notifierMetrics } from '../../services/notifier/metrics.ts';
import { onLedgerStage } from '../ledger/stage.ts';
import { ROOT } from '../support/sources.ts';

const stage = onLedgerStage();

type Shown = (typeof dashboard.panels)[number] & {
  type?: string;
  datasource?: unknown;
  targets?: { expr: string; refId: string; datasource: unknown }[];
};
const panels: readonly Shown[] = dashboard.panels;
const drawn = panels.filter(({ type }) => type !== 'row');
const asked: readonly string[] = [
  ...drawn.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query)),
  ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
];

/** The metrics that an expression names, each with the labels that it is chosen by. */
const namesIn = (expr: string) =>
  [...expr.matchAll(/\b(countersign_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', chosen = '']) => ({
    name,
    labels: [...chosen.matchAll(/(\w+)(?==)/g)].map(([label]) => label),
  }));

/** Every metric that a text tells of, with the parts of histograms. */
function toldIn(text: string): Set<string> {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
    ),
  );
}

test('the files are what stands beside them: `node deploy/monitoring/build.ts` writes them', () => {
  for (const [name, text] of Object.entries(files))
    expect(readFileSync(join(ROOT, 'deploy/monitoring', name), 'utf8')).toBe(text);
  expect(parse(files['prometheus-rules.yml'] ?? '')).toEqual(JSON.parse(JSON.stringify(rules)));
});

test('every metric that is asked for is one that a service gives', async () => {
  const server = serve({ fetch: stage.ledger.fetch, hostname: '127.0.0.1', port: 0 });
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const ledger = await answer.text();
  server.close();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain/),
  ]);
  const intake = await (await fetch(`${stage.intake.url}/metrics`)).text();
  const told = toldIn([ledger, intake, await notifierMetrics(async () => []).text()].join('\n'));
  const names = new Set(asked.flatMap(namesIn).map(({ name }) => name));
  expect(names.size).toBeGreaterThan(15);
  expect([...names].filter((name) => !told.has(name))).toEqual([]);
});

const full: Insights = {
  workspace: 'w',
  totals: [
    { tool: 't', tier: 'high', team: 'finance', sums: { approved: 1, wait_0: 1 } },
    { tool: 't', tier: 'high', team: '', sums: { allowed: 1 } },
  ],
  portions: [
    [
      'finance',
      {
        told: { timed: 1, time_0: 1 },
        held: {},
        people: [],
        drift: { sum: 0, n: 1, alarms: 1, last_alarm: 1 },
      },
    ],
  ],
  week: [{ team: 'all', hours: 168, arrivals: 1, reviewerHours: 1, busy: 0.1 }],
};

test('insights are chosen by labels that they have, and none of those is a person', async () => {
  const registry = new Registry();
  insightsMetrics(registry)([full]);
  const labels = new Map<string, Set<string>>();
  for (const [, name = '', of = ''] of (await registry.metrics()).matchAll(/^(countersign_\w+)\{(.*)\} /gm))
    labels.set(
      name,
      new Set([...(labels.get(name) ?? []), ...[...of.matchAll(/(\w+)=/g)].map(([, label = '']) => label)]),
    );
  const wrong = asked
    .flatMap(namesIn)
    .filter(({ name }) => name.startsWith('countersign_insights_'))
    .flatMap(({ name, labels: chosen }) =>
      chosen.filter((label) => !labels.get(name)?.has(label)).map((label) => `${name}{${label}}`),
    );
  expect(wrong).toEqual([]);
  expect(new Set([...labels.values()].flatMap((of) => [...of]))).toEqual(
    new Set('workspace tool tier team outcome answer pace difficulty result le'.split(' ')),
  );
});

test('the dashboard can be imported: ids, places, queries and variables are whole', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { title, gridPos, datasource, targets = [], type } of drawn) {
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    expect(['timeseries', 'table', 'stat'], title).toContain(type);
    expect(targets.length, title).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    for (const one of [{ datasource }, ...targets])
      expect(one.datasource, title).toEqual({ type: 'prometheus', uid: '$datasource' });
  }
  // No panel lies on another.
  const taken = new Set<string>();
  for (const { title, gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`), title).toBe(false);
        taken.add(`${x} ${y}`);
      }
  const variables = new Set(dashboard.templating.list.map(({ name }) => name));
  const used = [...JSON.stringify(dashboard).matchAll(/\$(\w+)/g)].map(([, name = '']) => name);
  expect(used.filter((name) => !variables.has(name))).toEqual([]);
});

/** The value of PromQL that is arithmetic of numbers alone. */
function computed(expr: string): number {
  const amountOf = (node: jsep.Expression): number => {
    const {
      type,
      operator,
      left,
      right,
      arguments: [only] = [],
      value,
      argument,
    } = node as jsep.Expression & {
      operator: string;
      left: jsep.Expression;
      right: jsep.Expression;
      arguments: jsep.Expression[];
      value: number;
      argument: jsep.Expression;
    };
    if (type === 'Literal') return value;
    if (type === 'UnaryExpression') return -amountOf(argument);
    if (type === 'CallExpression' && only !== undefined) return Math.sqrt(amountOf(only));
    const [a, b] = [amountOf(left), amountOf(right)];
    return { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[operator] ?? Number.NaN;
  };
  return amountOf(jsep(expr.replace(/ and \(.*$/, '')));
}

test.each([
  [17, 20],
  [214, 214],
  [0, 30],
  [59, 100],
])('the interval of %i of %i is the one of the lead’s page, and nothing below the least n', (k, n) => {
  const counts = { k: `${k}`, n: `${n}` };
  const rate = rateOf({ k, n }, 1);
  expect.assert(rate.enough);
  expect(computed(low(counts, 20))).toBeCloseTo(rate.low, 5);
  expect(computed(high(counts, 20))).toBeCloseTo(rate.high, 5);
  expect(computed(share(counts, 20))).toBeCloseTo(rate.rate, 9);
  for (const expr of [low(counts, LEAST.approval), share(counts, LEAST.approval)])
    expect(expr).toContain(`and (${n} >= ${LEAST.approval})`);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** A day of scrapes, an hour apart, over which a counter grows from 0. */
const growing = (name: string, labels: string, by: number) => ({
  series: `countersign_insights_${name}{workspace="w",team=${labels}}`,
  values: `0x24 ${by}x48`,
});

/** What promtool says of these files. */
function promtool(command: 'check' | 'test', texts: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-promtool-'));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(dir, name), text);
  const [first = ''] = Object.keys(texts);
  const { stdout, stderr } = spawnSync('promtool', [command, 'rules', first], { cwd: dir, encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  return stdout + stderr;
}

test.runIf(hasPromtool)('Prometheus takes the rules and every query of the dashboard', () => {
  const chosen = { window: '30d', workspace: '.+', team: '.+' };
  const record = drawn
    .flatMap(({ targets = [] }) => targets)
    .map(({ expr }, at) => ({
      record: `query_${at}`,
      expr: expr.replace(/\$(\w+)/g, (_, name: keyof typeof chosen) => chosen[name]),
    }));
  expect(promtool('check', { 'rules.yml': files['prometheus-rules.yml'] ?? '' })).toContain('SUCCESS');
  const queries = stringify({ groups: [{ name: 'dashboard', rules: record }] });
  expect(promtool('check', { 'queries.yml': queries })).toContain(`SUCCESS: ${record.length} rules`);
});

test.runIf(hasPromtool)('Prometheus reads teams as the lead’s page does', () => {
  /** approved, rejected, caught, missed, drift alarms */
  const teams: Record<string, [number, number, number, number, number]> = {
    careful: [320, 80, 38, 2, 0],
    idle: [400, 0, 38, 2, 0],
    blind: [400, 0, 8, 32, 0],
    drifting: [400, 0, 38, 2, 1],
    new: [400, 0, 8, 0, 0],
    undecided: [400, 0, 16, 4, 0],
    between: [400, 0, 75, 25, 0],
    quiet: [20, 0, 38, 2, 0],
  };
  const input = Object.entries(teams).flatMap(([name, [approved, rejected, caught, missed, alarms]]) => [
    growing('requests_total', `"${name}",outcome="approved"`, approved),
    growing('requests_total', `"${name}",outcome="rejected"`, rejected),
    growing('canaries_total', `"${name}",result="caught"`, caught),
    growing('canaries_total', `"${name}",result="missed"`, missed),
    growing('drift_alarms_total', `"${name}"`, alarms),
  ]);
  const expected = Object.entries(teams).map(([name, [approved, rejected, caught, missed, alarms]]) => {
    const approvals = rateOf({ k: approved, n: approved + rejected }, LEAST.approval);
    const catches = rateOf({ k: caught, n: caught + missed }, LEAST.catchTeam);
    const value = READINGS[fourWay(approvals, catches, alarms > 0).reading];
    return { labels: `{workspace="w", team="${name}"}`, value };
  });
  expect(new Set(expected.map(({ value }) => value)).size).toBe(4);
  const tested = stringify({
    evaluation_interval: '1h',
    tests: [
      {
        interval: '1h',
        input_series: input,
        promql_expr_test: [
          {
            expr: reading({ by: 'workspace, team', window: '60h' }),
            eval_time: '60h',
            exp_samples: expected,
          },
        ],
      },
    ],
  });
  expect(promtool('test', { 'test.yml': tested })).toContain('SUCCESS');
});
