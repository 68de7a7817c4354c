/** When nothing is planted: in an incident, in a backlog, and for whoever has had enough of it today. Pure. */
import type { EventType } from '@countersign/shared/feed';
import type { PlantedRequest } from '@countersign/shared/request';
import type { World } from '../lifecycle/command.ts';
import { deciders } from '../lifecycle/quorum.ts';

/** Not more a person in so many ms. */
const mostEach = { canaries: 2, within: 86_400_000 };
/** More waiting than so many for each reviewer is a backlog. */
const mostWaiting = 5;
/** How long an incident casts its shadow, ms. */
const settles = 30 * 60_000;

/** Events after which people have something else to do. */
const unsettling: ReadonlySet<EventType> = new Set([
  'request.escalated',
  'request.reminded',
  'request.undecidable',
  'request.unheard',
  'freeze.set',
  'freeze.lifted',
  'discontinuity.found',
] as const);

/** Until when an event keeps anything from being planted, in Redis ms; 0 where it does not. */
export function unquietUntil({ type, at }: { type: EventType; at: number }): number {
  return unsettling.has(type) ? at + settles : 0;
}

/** Whether something is frozen, or more waits than these people keep up with. */
export function isBusy(waiting: number, world: World): boolean {
  const frozen = world.freezes.some(({ lifted_at }) => lifted_at === undefined);
  return frozen || waiting > mostWaiting * world.reviewers.length;
}

/**
 * Whether nobody who may decide this one would have more than their share by it. One that waits counts for everyone who
 * may decide it, one that was answered for who answered it.
 */
export function isBearable(
  planted: PlantedRequest,
  others: readonly PlantedRequest[],
  world: World,
): boolean {
  const since = world.now - mostEach.within;
  const borne = (person: string): number =>
    others.filter((other) =>
      other.decided_at === undefined
        ? deciders(other, [person], world).length === 1
        : other.decided_at > since && other.planted.answer?.by === person,
    ).length;
  const people = deciders(planted, world.reviewers, world);
  return people.length > 0 && people.every((person) => borne(person) < mostEach.canaries);
}
