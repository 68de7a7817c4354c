/**
 * A stateful stand-in for PagerDuty's Events API v2, with the limits and the life of an alert that its documentation
 * gives: https://developer.pagerduty.com/docs/events-api-v2/overview/
 */
import { z } from 'zod';
import { type Call, type HttpPeer, json, type Reply, startHttpPeer } from './http-peer.ts';

const key = z.string().length(32, "Length of 'routing_key' is incorrect (should be 32 characters)");
const Event = z.discriminatedUnion('event_action', [
  z.object({
    event_action: z.literal('trigger'),
    routing_key: key,
    dedup_key: z.string().max(255).optional(),
    payload: z.object({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime({ offset: true }).optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
    links: z.array(z.object({ href: z.url(), text: z.string().optional() })).optional(),
    client: z.string().optional(),
    client_url: z.url().optional(),
  }),
  z.object({
    event_action: z.enum(['acknowledge', 'resolve']),
    routing_key: key,
    dedup_key: z.string().min(1).max(255),
  }),
]);
type Trigger = Extract<z.infer<typeof Event>, { event_action: 'trigger' }>;

export type Incident = {
  routing_key: string;
  dedup_key: string;
  status: 'triggered' | 'acknowledged' | 'resolved';
  /** The triggers that it took, the one that opened it first. */
  triggers: Trigger[];
};

export type PagerDutyPeer = HttpPeer & {
  /** Every incident that was ever opened. */
  incidents: Incident[];
  open: () => Incident[];
  /** Integrations that were deleted: events with their keys are refused. */
  deleted: Set<string>;
  /** Events that found nothing open. */
  dropped: () => number;
};

const largest = 512 * 1_024;

export async function startPagerDutyPeer(): Promise<PagerDutyPeer> {
  const incidents: Incident[] = [];
  const deleted = new Set<string>();
  let dropped = 0;
  const invalid = (errors: string[]) =>
    json(400, { status: 'invalid event', message: 'Event object is invalid', errors });

  function handle({ method, path, headers, text }: Call): Reply {
    if (method !== 'POST' || path !== '/v2/enqueue') return json(404, { status: 'not found' });
    if (Buffer.byteLength(text) > largest) return json(413, { status: 'too large' });
    if (headers['content-type'] !== 'application/json') return invalid(['Content-Type must be JSON']);
    const parsed = Event.safeParse(JSON.parse(text));
    if (!parsed.success) return invalid(parsed.error.issues.map((issue) => issue.message));
    const event = parsed.data;
    if (deleted.has(event.routing_key)) return invalid(['Invalid routing key']);
    const dedup_key = event.dedup_key ?? `made-${incidents.length}`;
    const open = incidents.find(
      (each) =>
        each.routing_key === event.routing_key && each.dedup_key === dedup_key && each.status !== 'resolved',
    );
    if (event.event_action === 'trigger') {
      if (open !== undefined) open.triggers.push(event);
      else
        incidents.push({
          routing_key: event.routing_key,
          dedup_key,
          status: 'triggered',
          triggers: [event],
        });
    } else if (open === undefined) dropped += 1;
    else open.status = event.event_action === 'acknowledge' ? 'acknowledged' : 'resolved';
    return json(202, { status: 'success', message: 'Event processed', dedup_key });
  }

  const peer = await startHttpPeer(handle);
  return {
    ...peer,
    incidents,
    deleted,
    open: () => incidents.filter(({ status }) => status !== 'resolved'),
    dropped: () => dropped,
  };
}
