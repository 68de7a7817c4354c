/** An OTLP/HTTP receiver for traces (protobuf) on this machine, which refuses what the specification forbids. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Message, readExport } from './otlp-message.ts';

type Values = Record<string, unknown>;

/** A span as it arrived; attributes by name, times in ms. */
export type ReceivedSpan = {
  trace_id: string;
  span_id: string;
  parent_span_id: string | undefined;
  trace_state: string | undefined;
  name: string;
  kind: number;
  flags: number;
  start: number;
  end: number;
  status: number;
  attributes: Values;
  events: { name: string; at: number; attributes: Values }[];
  dropped_events: number;
  resource: Values;
  scope: string;
};

/** What to do with an export instead of taking it in: a status, or something ruder. `lost`: it is taken in, and nobody hears of it. */
export type Behaviour = number | 'lost' | 'as usual' | ((response: ServerResponse) => void);

export type OtlpReceiver = {
  /** Without the path. */
  url: string;
  /** What was taken in. */
  spans: ReceivedSpan[];
  /** Headers of everything that arrived, whatever was answered. */
  calls: IncomingHttpHeaders[];
  /** What was refused, and why. */
  faults: string[];
  /** Behaviour of the next exports, in order; as usual after that. */
  answerWith: (...behaviours: Behaviour[]) => void;
  stop: () => Promise<void>;
};

const list = (value: unknown): Message[] => (value ?? []) as Message[];

function plain(value: Message): unknown {
  if ('array' in value) return list((value.array as Message).values).map(plain);
  return Object.values(value)[0];
}

function attributesOf({ attributes }: Message): Values {
  const pairs = list(attributes).map(({ key, value }): [string, unknown] => [
    String(key),
    plain(value as Message),
  ]);
  const values = Object.fromEntries(pairs);
  if (Object.keys(values).length < pairs.length) throw new Error('an attribute is there twice');
  return values;
}

const ms = (nanoseconds: unknown): number => Number((nanoseconds as bigint) / 1_000_000n);

/** An id of so many bytes, of which one at least is not zero. */
function idOf(value: unknown, bytes: number): string {
  if (typeof value !== 'string' || value.length !== bytes * 2 || /^0*$/.test(value))
    throw new Error(`${value} is no id of ${bytes} bytes`);
  return value;
}

function spanOf(span: Message, resource: Values, scope: string): ReceivedSpan {
  const { parent_span_id, trace_state, name, kind, start_time_unix_nano, end_time_unix_nano } = span;
  const [start, end] = [ms(start_time_unix_nano), ms(end_time_unix_nano)];
  if (!name) throw new Error('a span has no name');
  if (start <= 0 || end < start) throw new Error('a span ends before it starts');
  return {
    trace_id: idOf(span.trace_id, 16),
    span_id: idOf(span.span_id, 8),
    parent_span_id: parent_span_id === undefined ? undefined : idOf(parent_span_id, 8),
    trace_state: trace_state as string | undefined,
    name: String(name),
    kind: Number(kind),
    flags: Number(span.flags),
    start,
    end,
    status: Number((span.status as Message | undefined)?.code ?? 0),
    attributes: attributesOf(span),
    events: list(span.events).map((event) => ({
      name: String(event.name),
      at: ms(event.time_unix_nano),
      attributes: attributesOf(event),
    })),
    dropped_events: Number(span.dropped_events_count ?? 0),
    resource,
    scope,
  };
}

/** All spans of one export. Throws where it is malformed or empty. */
function spansOf(bytes: Buffer): ReceivedSpan[] {
  const spans = list(readExport(bytes).resource_spans).flatMap(({ resource, scope_spans }) =>
    list(scope_spans).flatMap(({ scope, spans }) =>
      list(spans).map((span) =>
        spanOf(span, attributesOf((resource ?? {}) as Message), String((scope as Message).name)),
      ),
    ),
  );
  if (spans.length === 0) throw new Error('it holds no span');
  return spans;
}

/** Starts it. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received = {
    spans: [] as ReceivedSpan[],
    calls: [] as IncomingHttpHeaders[],
    faults: [] as string[],
  };
  let behaviours: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.calls.push(request.headers);
    const behaviour = behaviours.shift() ?? 'as usual';
    if (typeof behaviour === 'function') return behaviour(response);
    // An answer is a protobuf message as well: `ExportTraceServiceResponse`, empty when all is well, or `google.rpc.Status`.
    const answer = (status: number) =>
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    if (typeof behaviour === 'number') return answer(behaviour);
    try {
      const { method, url, headers } = request;
      if (method !== 'POST' || url !== '/v1/traces') throw new Error(`${method} ${url}`);
      if (headers['content-type'] !== 'application/x-protobuf')
        throw new Error(`content-type ${headers['content-type']}`);
      const body = Buffer.concat(chunks);
      received.spans.push(...spansOf(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    } catch (error) {
      received.faults.push(String(error));
      return answer(400);
    }
    return behaviour === 'lost' ? response.socket?.destroy() : answer(200);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...received,
    answerWith(...next) {
      behaviours = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
