/** The feed: one immutable fact an entry, in a Redis Stream per workspace. Outbox, audit source and live update at once. */

/** Kinds of event. Added, never renamed. */
export const eventTypes = [
  'action.proposed',
  'action.allowed',
  'action.denied',
  'request.created',
  'request.viewed',
  'request.claimed',
  'request.unclaimed',
  'request.edited',
  'request.raised',
  'request.undecidable',
  'request.unheard',
  'request.escalated',
  'request.reminded',
  'verdict.given',
  'verdict.undone',
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
  'request.revoked',
  'request.superseded',
  'review.reviewed',
  'review.unreviewed',
  'review.undo_requested',
  'review.undo_overdue',
  'token.issued',
  'token.consumed',
  'token.refused',
  'outcome.reported',
  'question.asked',
  'question.answered',
  'notice.delivered',
  'notice.failed',
  'grant.created',
  'grant.used',
  'grant.revoked',
  'policy.activated',
  'agent.throttled',
  'throttle.lifted',
  'freeze.set',
  'freeze.lifted',
  'key.created',
  'key.revoked',
  'signing.changed',
  'person.changed',
  'destination.created',
  'destination.changed',
  'destination.deleted',
  'destination.disabled',
  'destination.secret_rotated',
  'destination.test_requested',
  'delivery.replay_requested',
  'canaries.stopped',
  'canaries.resumed',
  'discontinuity.found',
  'discontinuity.accepted',
  'delivery.replayed',
  'audit.read',
  'audit.exported',
  'insights.read',
  'drill.started',
  'drill.ended',
  'alert.raised',
  'alert.cleared',
  'payload.erased',
] as const;
export type EventType = (typeof eventTypes)[number];

/** Who caused an event. */
export type Actor = { kind: 'agent' | 'person' | 'policy' | 'timer' | 'system'; id: string };

/**
 * What is common to events about a request. Events hold no arguments, no agent's words, no secrets:
 * `payload` refers to the erasable payload key and commits to it by a salted digest.
 */
export type EventBody = {
  type: EventType;
  /** Redis time in ms. */
  at: number;
  actor: Actor;
  request_id?: string;
  agent?: string;
  tool?: string;
  tier?: string;
  status?: string;
  revision?: number;
  version?: number;
  /** Who may decide it: `any`, groups and people. Filters streams and routes notices. */
  audience?: string[];
  payload?: { version: number; commitment: string };
  /** The same for words that somebody said: where among the request's words they lie. */
  words?: { field: string; commitment: string };
  data?: Record<string, unknown>;
};

/** An event with its place in the feed: a Redis Stream id such as `1763718000000-0`. */
export type FeedEvent = EventBody & { id: string };

/** The fields of a stream entry. `type` stands apart so that a reader may filter without parsing. */
export function encodeEvent(event: EventBody): ['type', string, 'event', string] {
  return ['type', event.type, 'event', JSON.stringify(event)];
}

/** Reads a stream entry. Throws on an entry that `encodeEvent` did not write: a foreign writer is a bug. */
export function decodeEvent(id: string, fields: string[]): FeedEvent {
  const at = fields.indexOf('event');
  const text = at < 0 ? undefined : fields[at + 1];
  if (text === undefined) throw new Error(`feed entry ${id} has no event`);
  return parseEvent(id, text);
}

/** Reads the text of an event alone. Throws SyntaxError on what is none. */
export function parseEvent(id: string, text: string): FeedEvent {
  const event = JSON.parse(text) as FeedEvent;
  event.id = id;
  return event;
}
