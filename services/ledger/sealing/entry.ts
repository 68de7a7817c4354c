/** What is sealed of an event: canonical JSON, with pseudonyms in place of people. Pure. */
import type { Actor, EventBody, FeedEvent } from '@countersign/shared/feed';
import { MAX_ENTRY_BYTES } from '@countersign/shared/tlog';

/** An entry of the log. `seq` is its index, `feed_id` its place in the feed, which a discontinuity has none of. */
export type Entry = Omit<EventBody, 'audience'> & { seq: number; feed_id: string | null };

/** Members of an event's `data` that name people, or groups, which are not told apart there. */
const naming = ['owner', 'person', 'by', 'reviewer', 'reviewers', 'notify', 'approvers'] as const;

/** Members that name something else in some events: who superseded a request is a request. */
const exceptions: Readonly<Record<string, readonly string[]>> = { 'request.superseded': ['by'] };

function withoutNames(
  type: string,
  data: Record<string, unknown>,
  pseudonymOf: (person: string) => string,
): Record<string, unknown> {
  const hidden = { ...data };
  for (const name of naming) {
    const value = hidden[name];
    if (value === undefined || exceptions[type]?.includes(name)) continue;
    if (typeof value === 'string') hidden[name] = pseudonymOf(value);
    else if (Array.isArray(value))
      hidden[name] = value.map((each) => (typeof each === 'string' ? pseudonymOf(each) : each));
  }
  return hidden;
}

const actorOf = (actor: Actor, pseudonymOf: (person: string) => string): Actor =>
  actor.kind === 'person' ? { kind: 'person', id: pseudonymOf(actor.id) } : actor;

/**
 * The entry of an event. Who may decide a request is left out: it is many names, and which rules asked is on record.
 *
 * @param seq its index in the log
 */
export function entryOf(
  { id, audience: _, actor, data, ...event }: FeedEvent,
  seq: number,
  pseudonymOf: (person: string) => string,
): Entry {
  return {
    ...event,
    seq,
    feed_id: id,
    actor: actorOf(actor, pseudonymOf),
    ...(data === undefined ? {} : { data: withoutNames(event.type, data, pseudonymOf) }),
  };
}

/** With its members in the order that RFC 8785 gives them; the rest of that is how JavaScript prints JSON. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}

/** Its bytes. What is too long for a bundle loses its `data`, and says so: nothing of that size is told in an event. */
export function bytesOf(entry: Entry): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(inOrder(entry)));
  if (bytes.length <= MAX_ENTRY_BYTES) return bytes;
  return bytesOf({ ...entry, data: { left_out: Object.keys(entry.data ?? {}) } });
}

/** An entry as read back. The log vouches for what it says; nobody else wrote it. */
export const entryIn = (bytes: Uint8Array): Entry => JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry;
