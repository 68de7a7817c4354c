/**
 * The trace that a caller is in, as its HTTP headers `traceparent` and `tracestate` say: W3C Trace Context,
 * https://www.w3.org/TR/trace-context-2/
 */

/** Where a caller stands in its own trace. */
export type TraceContext = {
  /** 32 hex digits, not all zero. */
  trace_id: string;
  /** The caller's span: 16 hex digits, not all zero. */
  parent_id: string;
  /** The bits that the specification knows: sampled (1), random trace id (2). */
  flags: number;
  /** What tracing systems carry along, as it came; absent where there is none, or it is malformed. */
  state?: string;
};

/** Version, trace id, parent id, flags; what later versions add stands behind a further dash. */
const traceparent = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const zero = /^0+$/;

const sampled = 1;
const known = 3;

/** `key=value`, the key `vendor` or `tenant@vendor`. */
const member =
  /^([a-z\d][a-z\d_\-*/@]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
/** So many members a `tracestate` may have, and so many characters of it are carried at least, and here at most. */
const most = { members: 32, characters: 512 };

/**
 * Reads the headers. What is malformed counts as absent, as the specification wants: a `traceparent` takes the
 * `tracestate` with it, and not the other way round. A header that was sent twice arrives joined by a comma, which no
 * `traceparent` has.
 */
export function readTraceContext(
  parent: string | undefined,
  state: string | undefined,
): TraceContext | undefined {
  const found = parent === undefined ? null : traceparent.exec(parent.trim());
  if (found === null) return undefined;
  const [, version = '', trace_id = '', parent_id = '', flags = '', more] = found;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (zero.test(trace_id) || zero.test(parent_id)) return undefined;
  const carried = state === undefined ? undefined : readTraceState(state);
  return {
    trace_id,
    parent_id,
    flags: Number.parseInt(flags, 16) & known,
    ...(carried === undefined ? {} : { state: carried }),
  };
}

function readTraceState(text: string): string | undefined {
  const members = text
    .split(',')
    .map((each) => each.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((each) => each !== '');
  const keys = new Set(members.map((each) => member.exec(each)?.[1]));
  const wellFormed = !keys.has(undefined) && keys.size === members.length;
  const carried = members.join(',');
  if (!wellFormed || members.length > most.members || carried.length > most.characters) return undefined;
  return carried === '' ? undefined : carried;
}

/** Whether the caller's trace is recorded by anybody. */
export const isSampled = ({ flags }: TraceContext): boolean => (flags & sampled) !== 0;

/** The headers again, in the version that is written here (00), for a call that `span` makes. */
export function traceHeaders({ trace_id, flags, state }: TraceContext, span: string): Record<string, string> {
  const flagged = flags.toString(16).padStart(2, '0');
  return {
    traceparent: `00-${trace_id}-${span}-${flagged}`,
    ...(state === undefined ? {} : { tracestate: state }),
  };
}
