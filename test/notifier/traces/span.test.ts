import type { RequestRecord } from '@countersign/shared/request';
import { emptyResource } from '@opentelemetry/resources';
import { describe, expect, test } from 'vitest';
import type { Noted } from '../../../services/notifier/traces/noted.ts';
import { type Around, spanIdOf, spanOf } from '../../../services/notifier/traces/span.ts';
import { pendingRequest } from '../workspace.ts';

const trace = {
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  parent_id: 'b7ad6b7169203331',
  flags: 1,
  state: 'vendor=1',
};
const created_at = 1_700_000_000_123;
const decided_at = created_at + 4_500;

const approval = {
  reviewer: 'ann',
  verdict: 'approve',
  version: 1,
  args_digest: 'sha256:aa',
  edited: false,
  reason: 'The order total.',
  at: decided_at,
} as const;

function decided(change: Partial<RequestRecord>): RequestRecord {
  return pendingRequest('acme', 'req_1', { trace, created_at, decided_at, ...change });
}

function spanFrom(record: RequestRecord, around: Partial<Around> = {}) {
  const usual: Around = {
    noted: [],
    groupsOf: () => new Set(),
    namesReviewers: false,
    resource: emptyResource(),
  };
  return spanOf(record, { ...usual, ...around });
}

describe('the span of a wait', () => {
  const approved = decided({ status: 'approved', decided_by: 'ann', verdicts: [approval] });

  test('lies under the agent’s own span, from the proposal to the decision', () => {
    const span = spanFrom(approved);
    expect(span).toMatchObject({
      name: 'approval orders.process_refund',
      parentSpanContext: { traceId: trace.trace_id, spanId: trace.parent_id, isRemote: true },
      startTime: [1_700_000_000, 123_000_000],
      endTime: [1_700_000_004, 623_000_000],
    });
    expect(span?.spanContext()).toMatchObject({ traceId: trace.trace_id, traceFlags: 1 });
    expect(span?.spanContext().traceState?.serialize()).toBe('vendor=1');
  });

  test('says what was asked, by which rules, how long it waited and what came of it', () => {
    expect(spanFrom({ ...approved, run_id: 'run-7', call_id: 'call-2' })?.attributes).toEqual({
      'gen_ai.tool.name': 'orders.process_refund',
      'gen_ai.agent.name': 'order-processor',
      'gen_ai.tool.call.id': 'call-2',
      'countersign.run_id': 'run-7',
      'countersign.workspace': 'acme',
      'countersign.request_id': 'req_1',
      'countersign.rules': ['big-refunds'],
      'countersign.tier': 'high',
      'countersign.status': 'approved',
      'countersign.decided_by': 'reviewer',
      'countersign.wait_ms': 4_500,
      'countersign.decision': 'approve',
      'countersign.edited': false,
    });
  });

  test('law 12: names no person and repeats nobody’s words, unless the operator wants people named', () => {
    const noted: Noted[] = [{ type: 'request.viewed', at: created_at + 1, by: 'ann' }];
    const closed = JSON.stringify(spanFrom(approved, { noted }));
    expect(closed).not.toMatch(/ann|order total/);
    const open = spanFrom(approved, { noted, namesReviewers: true });
    expect(open?.attributes['countersign.reviewers']).toEqual(['ann']);
    expect(open?.events[0]?.attributes).toEqual({ 'countersign.reviewer': 'ann' });
    expect(JSON.stringify(open)).not.toMatch(/order total/);
  });

  test('names the groups that were asked and of which somebody decided, and no other', () => {
    const slots = [{ from: ['finance', 'oncall', 'bo'], need: 1 }];
    const terms = { ...approved.terms, requirements: [{ rule: 'big-refunds', slots }] };
    const groups: Record<string, string[]> = { ann: ['finance', 'sailing'], bo: ['oncall'] };
    const span = spanFrom({ ...approved, terms }, { groupsOf: (id) => new Set(groups[id]) });
    expect(span?.attributes['countersign.reviewer_groups']).toEqual(['finance']);
  });

  test('has what happened meanwhile as events, and nothing from after the end', () => {
    const noted: Noted[] = [
      { type: 'notice.delivered', at: created_at + 10, channel: 'slack' },
      { type: 'verdict.given', at: decided_at, by: 'ann', verdict: 'approve' },
      { type: 'notice.delivered', at: decided_at + 10, channel: 'slack' },
    ];
    expect(spanFrom(approved, { noted })?.events).toEqual([
      {
        name: 'notice.delivered',
        time: [1_700_000_000, 133_000_000],
        attributes: { 'countersign.channel': 'slack' },
        droppedAttributesCount: 0,
      },
      {
        name: 'verdict.given',
        time: [1_700_000_004, 623_000_000],
        attributes: { 'countersign.verdict': 'approve' },
        droppedAttributesCount: 0,
      },
    ]);
  });

  test('keeps 128 events and says how many more there were', () => {
    const noted = Array.from(
      { length: 200 },
      (_, n): Noted => ({ type: 'question.asked', at: created_at + n }),
    );
    const span = spanFrom(approved, { noted });
    expect([span?.events.length, span?.droppedEventsCount]).toEqual([128, 72]);
  });
});

describe('how it ended', () => {
  const rejection = { ...approval, verdict: 'reject' } as const;

  test.each<[string, Partial<RequestRecord>, string, string | undefined]>([
    ['a person’s no', { status: 'rejected', verdicts: [approval, rejection] }, 'reviewer', 'reject'],
    [
      'policy’s no to what was to be approved',
      { status: 'rejected', decided_by: 'policy' },
      'policy',
      undefined,
    ],
    ['an edit', { status: 'approved', verdicts: [{ ...approval, edited: true }] }, 'reviewer', 'approve'],
    ['the kill switch', { status: 'cancelled', stop_reason: 'frozen' }, 'freeze', undefined],
    ['its agent', { status: 'cancelled', stop_reason: 'approval_cancelled' }, 'agent', undefined],
  ])('%s is no error', (_what, change, by, decision) => {
    const span = spanFrom(decided(change));
    expect(span?.status.code).toBe(0);
    expect(span?.attributes['countersign.decided_by']).toBe(by);
    expect(span?.attributes['countersign.decision']).toBe(decision);
    const edited = change.verdicts?.some((verdict) => verdict.edited);
    expect(span?.attributes['countersign.edited']).toBe(decision === 'approve' ? edited : undefined);
  });

  test('silence is one', () => {
    const span = spanFrom(decided({ status: 'timed_out', stop_reason: 'approval_timeout' }));
    expect(span?.status.code).toBe(2);
    expect(span?.attributes).toMatchObject({
      'countersign.decided_by': 'timeout',
      'countersign.stop_reason': 'approval_timeout',
      'error.type': 'approval_timeout',
    });
  });
});

describe('no span is made', () => {
  const { decided_at: _none, ...waiting } = decided({});
  const approved = decided({ status: 'approved', decided_by: 'ann', verdicts: [approval] });
  const { trace: _trace, ...untraced } = approved;

  test.each<[string, RequestRecord]>([
    ['of what still waits', waiting],
    ['of what policy allowed at once', { ...approved, decided_by: 'policy', verdicts: [] }],
    ['of what a grant let through', { ...approved, grant_used: { id: 'grt_1', by: 'ann', use: 1 } }],
    ['where the agent is in no trace', untraced],
    ['where nobody records the agent’s trace', { ...approved, trace: { ...trace, flags: 0 } }],
  ])('%s', (_what, record) => {
    expect(spanFrom(record)).toBeUndefined();
  });
});

test('law 9: the id of a span follows from its request, and differs between requests and workspaces', () => {
  const id = spanIdOf({ workspace: 'acme', id: 'req_1' });
  expect(id).toBe(spanIdOf({ workspace: 'acme', id: 'req_1' }));
  expect(id).toMatch(/^[\da-f]{16}$/);
  const others = [spanIdOf({ workspace: 'acme', id: 'req_2' }), spanIdOf({ workspace: 'bolt', id: 'req_1' })];
  expect(new Set([id, ...others]).size).toBe(3);
});
