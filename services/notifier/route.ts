/** Who hears of an event, and by which channel. Pure. */
import type { DestinationKind } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import type { EventType, FeedEvent } from '@countersign/shared/feed';
import { matchesGlob } from '@countersign/shared/policy';
import type { GroupsOf } from '@countersign/shared/request';
import type { ChannelName } from './channels/channel.ts';
import type { Directory, Places } from './directory.ts';

/** One delivery that is wanted: `id` is the destination's, the push subscription's or the agent key's. */
export type Delivery = { channel: ChannelName; id: string };

const asking: readonly EventType[] = [
  'request.created',
  'request.edited',
  'request.raised',
  'request.undecidable',
  'request.escalated',
  'request.reminded',
];

/** Events after which an agent need not wait any longer, or must not run any more. */
const ending: readonly EventType[] = [
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
  'request.superseded',
  'request.revoked',
];

/** What a destination hears that does not say which events it wants. */
const byDefault: ReadonlySet<EventType> = new Set([...asking, ...ending, 'outcome.reported'] as const);

/** A push asks a reviewer to look, or lets their other devices clear what is settled. */
const pushed: ReadonlySet<EventType> = new Set([
  ...asking,
  'verdict.undone',
  'question.answered',
  ...ending,
] as const);

/** An agent that does not wait on the line hears how it ended, and that somebody wants to know something first. */
const calledBack: ReadonlySet<EventType> = new Set([...ending, 'question.asked'] as const);

/** The channel of each kind of destination that can be delivered to. */
const channelOf: Partial<Record<DestinationKind, ChannelName>> = { webhook: 'webhook' };

const some = (patterns: string[] | undefined, name: string | undefined): boolean =>
  patterns === undefined || (name !== undefined && patterns.some((pattern) => matchesGlob(pattern, name)));

/** Whether an event is about a request and may be told. A notice about notices would never end. */
export function isTold(event: FeedEvent): event is FeedEvent & { request_id: string } {
  return event.request_id !== undefined && !event.type.startsWith('notice.');
}

/** Whether an event may call the agent back. */
export function isCalledBack(event: FeedEvent): boolean {
  return calledBack.has(event.type);
}

/** Groups narrow a destination to requests that they may decide; what anyone may decide concerns every group. */
function concerns(groups: string[] | undefined, audience: string[], groupsOf: GroupsOf): boolean {
  if (groups === undefined || audience.includes('any')) return true;
  return audience.some((name) => groups.includes(name) || groups.some((group) => groupsOf(name)?.has(group)));
}

function wantedBy(
  { match = {}, ...destination }: DestinationRecord,
  event: FeedEvent,
  groupsOf: GroupsOf,
): boolean {
  return (
    destination.disabled === undefined &&
    (match.events === undefined ? byDefault.has(event.type) : some(match.events, event.type)) &&
    some(match.agents, event.agent) &&
    some(match.tools, event.tool) &&
    some(match.tiers, event.tier) &&
    concerns(match.groups, event.audience ?? [], groupsOf)
  );
}

function mayDecide(audience: string[], person: string, groupsOf: GroupsOf): boolean {
  const groups = groupsOf(person);
  return (
    groups !== undefined && audience.some((name) => name === 'any' || name === person || groups.has(name))
  );
}

/**
 * The deliveries that an event asks for: destinations that match it, browsers of those who may decide, and the agent
 * that waits.
 *
 * @param callbackKey the key of the agent to call back, where its request gave a URL
 */
export function route(
  event: FeedEvent,
  places: Places,
  { groupsOf, isReviewerKey }: Directory,
  callbackKey: string | undefined,
): Delivery[] {
  if (!isTold(event)) return [];
  const deliveries: Delivery[] = [];
  for (const destination of places.destinations) {
    const channel = channelOf[destination.kind];
    if (channel === undefined || !wantedBy(destination, event, groupsOf)) continue;
    deliveries.push({ channel, id: destination.id });
  }
  for (const { id, person, key_id } of pushed.has(event.type) ? places.subscriptions : []) {
    if (isReviewerKey(key_id) && mayDecide(event.audience ?? [], person, groupsOf))
      deliveries.push({ channel: 'push', id });
  }
  if (callbackKey !== undefined && isCalledBack(event))
    deliveries.push({ channel: 'callback', id: callbackKey });
  return deliveries;
}
