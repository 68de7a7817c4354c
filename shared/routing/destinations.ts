/** Which destinations hear of an event. */
import type { DestinationRecord } from '../directory/index.ts';
import { matchesGlob } from '../policy/index.ts';
import type { GroupsOf } from '../request/index.ts';
import type { RoutedChannel } from './channels.ts';
import { isHeardByDefault, type ToldEvent } from './events.ts';
import type { Considered, Heard, Unheard } from './reason.ts';

const some = (patterns: string[] | undefined, name: string | undefined): boolean =>
  patterns === undefined || (name !== undefined && patterns.some((pattern) => matchesGlob(pattern, name)));

/** Groups narrow a destination to requests that they may decide; what anyone may decide concerns every group. */
function concerns(groups: string[] | undefined, audience: string[], groupsOf: GroupsOf): boolean {
  if (groups === undefined || audience.includes('any')) return true;
  return audience.some((name) => groups.includes(name) || groups.some((group) => groupsOf(name)?.has(group)));
}

/** The first thing about an event that a destination does not want, or that keeps it from hearing anything. */
function unheardBy(
  { kind, match = {}, disabled }: DestinationRecord,
  event: ToldEvent,
  groupsOf: GroupsOf,
  can: ReadonlySet<RoutedChannel>,
): Unheard | undefined {
  if (!can.has(kind)) return { code: 'no_channel' };
  if (disabled !== undefined) return { code: 'destination_disabled' };
  const { events, agents, tools, tiers, groups } = match;
  if (events === undefined ? !isHeardByDefault(kind, event) : !some(events, event.type))
    return { code: 'match_events', wanted: events ?? [] };
  if (!some(agents, event.agent)) return { code: 'match_agents', wanted: agents ?? [] };
  if (!some(tools, event.tool)) return { code: 'match_tools', wanted: tools ?? [] };
  if (!some(tiers, event.tier)) return { code: 'match_tiers', wanted: tiers ?? [] };
  if (!concerns(groups, event.audience ?? [], groupsOf))
    return { code: 'match_groups', wanted: groups ?? [] };
  return undefined;
}

/** Considers each destination of the workspace. */
export function considerDestinations(
  destinations: readonly DestinationRecord[],
  event: ToldEvent,
  groupsOf: GroupsOf,
  can: ReadonlySet<RoutedChannel>,
): Considered[] {
  return destinations.map((destination) => {
    const { id, kind: channel } = destination;
    const subject = { kind: 'destination', id, channel } as const;
    const reason = unheardBy(destination, event, groupsOf, can);
    return reason === undefined
      ? { ...subject, hears: true, deliveries: [{ channel, id }], reason: { code: 'matches' } }
      : { ...subject, hears: false, reason };
  });
}

/**
 * Destinations by which policy has to tell: where it asks for a channel by which nobody hears yet, those of that kind
 * that leave the request out by its tier alone.
 *
 * @param asked the channels that policy asks for, and why
 */
export function considerFloor(
  considered: readonly Considered[],
  asked: ReadonlyMap<string, Heard>,
): Considered[] {
  const heard = new Set(considered.flatMap(({ hears, channel }) => (hears && channel ? [channel] : [])));
  return considered.map((one): Considered => {
    const { kind, id, channel } = one;
    const reason = channel === undefined ? undefined : asked.get(channel);
    const byTier = !one.hears && kind === 'destination' && one.reason.code === 'match_tiers';
    if (!byTier || channel === undefined || reason === undefined || heard.has(channel)) return one;
    return { kind, id, channel, hears: true, deliveries: [{ channel, id }], reason };
  });
}

/** Whether a destination that was asked wants no word of this event: it named others, and has nothing to take down. */
export function declines({ match }: DestinationRecord, event: ToldEvent): boolean {
  return match?.events !== undefined && !some(match.events, event.type);
}
