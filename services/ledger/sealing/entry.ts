/** What is sealed of an event: canonical JSON, with pseudonyms in place of people. Pure. */
import { canonicalizeParsed, type Json } from '@countersign/shared/canonical';
import type { Actor, EventBody, FeedEvent } from '@countersign/shared/feed';
import { MAX_ENTRY_BYTES } from '@countersign/shared/tlog';

/** An entry of the log. `seq` is its index, `feed_id` its place in the feed, which a discontinuity has none of. */
export type Entry = Omit<EventBody, 'audience'> & { seq: number; feed_id: string | null };

/** Members of an event's `data` that name people, or groups, which are not told apart there. */
const naming = new Set(['owner', 'person', 'by', 'reviewer', 'reviewers', 'notify', 'approvers']);

/** Members that name something else in some events: who superseded a request is a request. */
const exceptions: Readonly<Record<string, readonly string[]>> = { 'request.superseded': ['by'] };

/** The same with pseudonyms, its members in order. */
function withoutNames(
  type: string,
  data: Record<string, unknown>,
  pseudonymOf: (person: string) => string,
): Record<string, unknown> {
  const hide = (value: unknown): unknown => (typeof value === 'string' ? pseudonymOf(value) : value);
  const hidden: Record<string, unknown> = {};
  for (const name of Object.keys(data).toSorted()) {
    const value = data[name];
    const names = naming.has(name) && !exceptions[type]?.includes(name);
    hidden[name] = names ? (Array.isArray(value) ? value.map(hide) : hide(value)) : value;
  }
  return hidden;
}

const actorOf = (actor: Actor, pseudonymOf: (person: string) => string): Actor => ({
  id: actor.kind === 'person' ? pseudonymOf(actor.id) : actor.id,
  kind: actor.kind,
});

/**
 * The entry of an event. Who may decide a request is left out: it is many names, and which rules asked is on record.
 *
 * @param seq its index in the log
 */
export function entryOf(event: FeedEvent, seq: number, pseudonymOf: (person: string) => string): Entry {
  const { data, payload, words } = event;
  // In the order in which it is printed.
  const entry = {
    actor: actorOf(event.actor, pseudonymOf),
    agent: event.agent,
    at: event.at,
    data: data && withoutNames(event.type, data, pseudonymOf),
    feed_id: event.id,
    payload: payload && { commitment: payload.commitment, version: payload.version },
    request_id: event.request_id,
    revision: event.revision,
    seq,
    status: event.status,
    tier: event.tier,
    tool: event.tool,
    type: event.type,
    version: event.version,
    words: words && { commitment: words.commitment, field: words.field },
  };
  return entry as Entry;
}

/** Whether JavaScript would print it with the members of each object in the order of RFC 8785. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  let before = '';
  for (const name in value) {
    if (name < before || !isInOrder(value[name as keyof typeof value])) return false;
    before = name;
  }
  return true;
}

/** Its bytes: canonical JSON. What is too long for a bundle loses its `data`, and says so: no event tells so much. */
export function bytesOf(entry: Entry): Uint8Array {
  // JavaScript prints JSON as RFC 8785 has it, but for the order: the library then does the same in five times the time.
  const bytes = Buffer.from(isInOrder(entry) ? JSON.stringify(entry) : canonicalizeParsed(entry as Json));
  if (bytes.length <= MAX_ENTRY_BYTES) return bytes;
  return bytesOf({ ...entry, data: { left_out: Object.keys(entry.data ?? {}) } });
}

/** An entry as read back. The log vouches for what it says; nobody else wrote it. */
export const entryIn = (bytes: Uint8Array): Entry => JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry;
