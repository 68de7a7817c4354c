/** A request's wait as a span in the trace of the agent that proposed it. Pure: the same request makes the same span. */
import { createHash } from 'node:crypto';
import type { RequestRecord } from '@countersign/shared/request';
import { isSampled } from '@countersign/shared/trace';
import { type Attributes, createTraceState, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import type { Noted } from './noted.ts';

/** A span as the exporter takes it. */
export type WaitSpan = Parameters<OTLPTraceExporter['export']>[0][number];

/** What is known beside the request. */
export type Around = {
  /** What happened meanwhile, in its order. */
  noted: readonly Noted[];
  /** The groups that a person is in, now. */
  groupsOf: (person: string) => ReadonlySet<string>;
  /** Whether people are named. */
  namesReviewers: boolean;
  /** Who exports. */
  resource: Resource;
};

/** As many events as OpenTelemetry's own limit for a span. */
const mostEvents = 128;

const scope = { name: 'countersign' };

/** A time in ms as seconds and nanoseconds. */
const hrTime = (ms: number): HrTime => [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1_000_000)];

/** 16 hex digits that follow from the request, so that a span which is sent again is the same span. */
export function spanIdOf({ workspace, id }: Pick<RequestRecord, 'workspace' | 'id'>): string {
  const digest = createHash('sha256').update(`countersign/span/v1\n${workspace}\n${id}`).digest('hex');
  return digest.match(/.{16}/g)?.find((part) => !/^0+$/.test(part)) ?? digest.slice(0, 16);
}

/** Whether somebody was waited for and that is over: what policy or a grant decided at once has no wait. */
export function isWaitOver({ status, decided_at, decided_by, grant_used }: RequestRecord): boolean {
  const waited = ['approved', 'rejected', 'timed_out', 'cancelled'].includes(status);
  const atOnce = grant_used !== undefined || (status === 'approved' && decided_by === 'policy');
  return waited && !atOnce && decided_at !== undefined;
}

/** Whether a span is made of a request: its agent is in a trace that somebody records. */
export const isTraced = ({ trace }: RequestRecord): boolean => trace !== undefined && isSampled(trace);

/** Who decided, as verdicts say: people, or nobody. */
function decidersOf({ status, verdicts }: RequestRecord): string[] {
  const wanted = status === 'approved' ? 'approve' : status === 'rejected' ? 'reject' : undefined;
  return verdicts.filter(({ verdict }) => verdict === wanted).map(({ reviewer }) => reviewer);
}

/** What kind of hand ended it. */
function endedBy(record: RequestRecord, deciders: readonly string[]): string {
  if (deciders.length > 0) return 'reviewer';
  if (record.status === 'timed_out') return 'timeout';
  if (record.stop_reason === 'frozen') return 'freeze';
  return record.status === 'cancelled' ? 'agent' : 'policy';
}

/** Groups that were asked and of which somebody decided; those of a request that anyone may decide were not asked. */
function groupsThatDecided(
  { terms }: RequestRecord,
  deciders: readonly string[],
  groupsOf: Around['groupsOf'],
): string[] {
  const slots = terms.requirements.flatMap((requirement) => requirement.slots);
  const asked = new Set(slots.flatMap(({ from }) => from ?? []));
  const groups = deciders.flatMap((person) => [...groupsOf(person)]).filter((group) => asked.has(group));
  return [...new Set(groups)].sort();
}

function attributesOf(record: RequestRecord, wait: number, { groupsOf, namesReviewers }: Around): Attributes {
  const { status, verdicts, stop_reason, run_id, call_id } = record;
  const deciders = decidersOf(record);
  const decision = deciders.length === 0 ? undefined : status === 'approved' ? 'approve' : 'reject';
  const groups = groupsThatDecided(record, deciders, groupsOf);
  return {
    'gen_ai.tool.name': record.tool,
    'gen_ai.agent.name': record.agent,
    ...(call_id === undefined ? {} : { 'gen_ai.tool.call.id': call_id }),
    ...(run_id === undefined ? {} : { 'countersign.run_id': run_id }),
    'countersign.workspace': record.workspace,
    'countersign.request_id': record.id,
    'countersign.rules': record.rules,
    'countersign.tier': record.terms.tier,
    'countersign.status': status,
    'countersign.decided_by': endedBy(record, deciders),
    'countersign.wait_ms': wait,
    ...(decision === undefined ? {} : { 'countersign.decision': decision }),
    ...(decision === 'approve' ? { 'countersign.edited': verdicts.some(({ edited }) => edited) } : {}),
    ...(stop_reason === undefined ? {} : { 'countersign.stop_reason': stop_reason }),
    ...(groups.length === 0 ? {} : { 'countersign.reviewer_groups': groups }),
    ...(namesReviewers && deciders.length > 0 ? { 'countersign.reviewers': deciders } : {}),
    // Only silence is a failure of the wait; a person's no is what it was for.
    ...(status === 'timed_out' ? { 'error.type': stop_reason ?? status } : {}),
  };
}

function eventOf(
  { type, at, by, channel, verdict }: Noted,
  namesReviewers: boolean,
): WaitSpan['events'][number] {
  return {
    name: type,
    time: hrTime(at),
    attributes: {
      ...(channel === undefined ? {} : { 'countersign.channel': channel }),
      ...(verdict === undefined ? {} : { 'countersign.verdict': verdict }),
      ...(namesReviewers && by !== undefined ? { 'countersign.reviewer': by } : {}),
    },
    droppedAttributesCount: 0,
  };
}

/**
 * The span of a wait that is over: from the proposal to the decision, under the agent's own span. It holds no
 * arguments and nobody's words (law 12). Undefined where there is none to make.
 *
 * Names are OpenTelemetry's where it has some (https://opentelemetry.io/docs/specs/semconv/gen-ai/), and events bear the
 * names that they have in the feed.
 */
export function spanOf(record: RequestRecord, around: Around): WaitSpan | undefined {
  const { trace, created_at, decided_at } = record;
  if (trace === undefined || !isSampled(trace) || !isWaitOver(record) || decided_at === undefined)
    return undefined;
  const { trace_id: traceId, flags: traceFlags, state } = trace;
  const context = {
    traceId,
    traceFlags,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  };
  const during = around.noted.filter(({ at }) => at >= created_at && at <= decided_at);
  const wait = decided_at - created_at;
  return {
    name: `approval ${record.tool}`,
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ ...context, spanId: spanIdOf(record) }),
    parentSpanContext: { ...context, spanId: trace.parent_id, isRemote: true },
    startTime: hrTime(created_at),
    endTime: hrTime(decided_at),
    duration: hrTime(wait),
    ended: true,
    status: { code: record.status === 'timed_out' ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: attributesOf(record, wait, around),
    events: during.slice(0, mostEvents).map((each) => eventOf(each, around.namesReviewers)),
    links: [],
    resource: around.resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: Math.max(0, during.length - mostEvents),
    droppedLinksCount: 0,
  };
}
