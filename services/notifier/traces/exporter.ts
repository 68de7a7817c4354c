/** Spans leave here, by OpenTelemetry's own exporter: OTLP over HTTP, protobuf. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@opentelemetry/resources';
import type { TraceSettings } from './settings.ts';
import type { WaitSpan } from './span.ts';

/** How an export ended. `code` says why not, and repeats nothing that the endpoint said. */
export type Exported = { ok: true } | { ok: false; code: string; again: boolean };

export type Exporter = {
  /** Who exports: `service.name` and what else OpenTelemetry's variables say of this process. */
  resource: Resource;
  /** Sends a span. Never rejects, and answers in time whatever the endpoint does. */
  send(span: WaitSpan): Promise<Exported>;
  close(): void;
};

/** What an error comes to. Only a status that the endpoint answered with is final: OTLP forbids to repeat after it. */
function failureOf(error: (Error & { code?: unknown }) | undefined): Exported {
  const code = error?.code;
  if (typeof code === 'number') return { ok: false, code: `http_${code}`, again: false };
  if (typeof code === 'string') return { ok: false, code: code.toLowerCase(), again: true };
  return { ok: false, code: 'unavailable', again: true };
}

/**
 * Opens the exporter. What it needs is loaded here and not before: most installations export nothing.
 *
 * The endpoint is the operator's choice and may stand inside their network, so the rules for hostile addresses
 * (`shared/outbound`) are not for it; redirects are not followed, and no more than 4 MiB of an answer is read.
 */
export async function openExporter({ url, timeoutMs }: TraceSettings): Promise<Exporter> {
  const [{ OTLPTraceExporter }, { detectResources, envDetector, resourceFromAttributes }] = await Promise.all(
    [import('@opentelemetry/exporter-trace-otlp-proto'), import('@opentelemetry/resources')],
  );
  const make = () => new OTLPTraceExporter({ url, timeoutMillis: timeoutMs, userAgent: 'countersign' });
  const named = resourceFromAttributes({ 'service.name': 'countersign' });
  let exporter = make();

  return {
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    async send(span) {
      const sending = new Promise<Exported>((resolve) => {
        exporter.export([span], ({ code, error }) => resolve(code === 0 ? { ok: true } : failureOf(error)));
      });
      const cancel = new AbortController();
      // Its own limit is for silence: an endpoint that drips would keep it for ever.
      const late = sleep(timeoutMs + 1_000, 'late' as const, { signal: cancel.signal });
      const first = await Promise.race([sending, late]);
      cancel.abort();
      if (first !== 'late') return first;
      // What it still holds counts against the exports that it does at once.
      exporter = make();
      return { ok: false, code: 'timeout', again: true };
    },
    close() {
      exporter.shutdown().catch(() => {});
    },
  };
}
