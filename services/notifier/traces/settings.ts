import { UnusableSettings } from '../channels/settings.ts';

/** Where the spans of waits go. Headers, compression and certificates are read by the exporter, from the same variables as everywhere. */
export type TraceSettings = {
  /** Of OTLP over HTTP, path included. The operator's choice, and as a rule inside their network. */
  url: string;
  /** How long one export may take, ms. */
  timeoutMs: number;
  /** Whether spans name the people who decided. Their groups are named in any case. */
  namesReviewers: boolean;
  /** Pauses before each attempt, ms: some six attempts in an hour when absent. */
  schedule?: readonly number[];
};

/** What OpenTelemetry's variables for exporters have as their default, ms. */
const usualTimeoutMs = 10_000;

type Env = Record<string, string | undefined>;

/** The variable for traces, or else the one for all signals. */
const either = (env: Env, name: string): string | undefined =>
  env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;

function endpointOf(env: Env): string | undefined {
  // Of traces alone, taken as it is; of all signals, the beginning of each one's address.
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return own || (base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined);
}

/**
 * Reads them from OpenTelemetry's own variables, https://opentelemetry.io/docs/specs/otel/protocol/exporter/, and
 * `TRACE_REVIEWERS`. Undefined where no endpoint is set, or the SDK or its traces are turned off.
 *
 * Throws `UnusableSettings` where something is set by which no span would arrive. The message names no value.
 */
export function traceSettingsFrom(env: Env): TraceSettings | undefined {
  const url = endpointOf(env);
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER = '', TRACE_REVIEWERS = '' } = env;
  if (url === undefined || OTEL_SDK_DISABLED?.toLowerCase() === 'true' || OTEL_TRACES_EXPORTER === 'none')
    return undefined;
  if (!['', 'otlp'].includes(OTEL_TRACES_EXPORTER))
    throw new UnusableSettings('OTEL_TRACES_EXPORTER must be otlp or none: spans are sent in no other way.');
  if (!['', 'http/protobuf'].includes(either(env, 'PROTOCOL') ?? ''))
    throw new UnusableSettings(
      'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, with the endpoint for it (port 4318 as a rule).',
    );
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UnusableSettings('OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL.');
  const timeoutMs = Number(either(env, 'TIMEOUT') ?? usualTimeoutMs);
  if (!(timeoutMs > 0 && Number.isFinite(timeoutMs)))
    throw new UnusableSettings('OTEL_EXPORTER_OTLP_TIMEOUT must be a number of milliseconds.');
  if (!['', 'groups', 'ids'].includes(TRACE_REVIEWERS))
    throw new UnusableSettings('TRACE_REVIEWERS must be groups (the default) or ids.');
  return { url, timeoutMs, namesReviewers: TRACE_REVIEWERS === 'ids' };
}
