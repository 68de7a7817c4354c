/** G5: an episode is one alert, whatever is looked at how often. */
import type { Alert } from '@countersign/shared/contracts';
import { ALERTS, type Alerts } from '@countersign/shared/policy';
import { expect, test } from 'vitest';
import { type Finding, keyOf } from '../../../services/ledger/alerts/finding.ts';
import { reconcile } from '../../../services/ledger/alerts/reconcile.ts';

const found = (state: Finding['state'], change: Partial<Finding> = {}): Finding => ({
  kind: 'timeouts',
  about: { tool: 'pay', rules: [], tier: 'high', team: 'finance' },
  state,
  figures: {},
  ...change,
});
function known(finding: Finding, change: Partial<Alert> = {}): Map<string, Alert> {
  const { kind, about, figures } = finding;
  const alert: Alert = {
    ...{ id: 'alr_1', kind, status: 'raised', urgency: 'high', about, figures },
    raised_at: '2026-01-01T00:00:00.000Z',
    ...change,
  };
  return new Map([[keyOf(finding), alert]]);
}
function changes(findings: Finding[], before = new Map<string, Alert>(), alerts: Alerts = ALERTS): string[] {
  const { raise, clear } = reconcile(findings, before, alerts);
  return [
    ...raise.map(({ kind, urgency }) => `raise ${kind} ${urgency}`),
    ...clear.map(({ alert, because }) => `clear ${alert.kind} ${because}`),
  ];
}

test('it is raised once, stays while it is neither on nor off, and is cleared once', () => {
  expect(changes([found('on')])).toEqual(['raise timeouts high']);
  for (const state of ['on', 'between'] as const)
    expect(changes([found(state)], known(found('on')))).toEqual([]);
  expect(changes([found('off')], known(found('on')))).toEqual(['clear timeouts over']);
  for (const state of ['off', 'between'] as const)
    expect(changes([found(state)], known(found('on'), { status: 'cleared' }))).toEqual([]);
  expect(changes([found('on')], known(found('on'), { status: 'cleared' }))).toEqual(['raise timeouts high']);
});

test('a thing that nothing is found of any more is over', () => {
  expect(changes([], known(found('on')))).toEqual(['clear timeouts over']);
});

test('what another alert tells of is not raised beside it, and not ended by it', () => {
  expect(changes([found('on', { told: true })])).toEqual([]);
  expect(changes([found('on', { told: true })], known(found('on')))).toEqual([]);
});

test('the same drift alarm is not told of again once its alert was cleared, a later one is', () => {
  const alarm = (since: string) =>
    found('on', { kind: 'catch_rate', about: { team: 'x' }, figures: { since } });
  const cleared = known(alarm('2026-01-01T00:00:00.000Z'), { status: 'cleared' });
  expect(changes([alarm('2026-01-01T00:00:00.000Z')], cleared)).toEqual([]);
  expect(changes([alarm('2026-02-01T00:00:00.000Z')], cleared)).toEqual(['raise catch_rate high']);
});

test('what policy switches off is cleared and says so; how urgent it is, is policy’s', () => {
  expect(changes([], known(found('on')), { ...ALERTS, timeouts: null })).toEqual([
    'clear timeouts switched_off',
  ]);
  expect(changes([found('on')], new Map(), { ...ALERTS, timeouts: null })).toEqual([]);
  expect(changes([found('on')], new Map(), { ...ALERTS, timeouts: { urgency: 'low', times: 2 } })).toEqual([
    'raise timeouts low',
  ]);
});
