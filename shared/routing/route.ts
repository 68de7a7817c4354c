/** Who hears of an event, by which channel and why; and who does not. Pure. */
import { type Delivery, nameOfDelivery, personOf } from './channels.ts';
import { considerDestinations, considerFloor, declines } from './destinations.ts';
import { alarms, asks, ends, isCalledBack, replaces, updates } from './events.ts';
import { considerPeople, isUndisturbed } from './people.ts';
import type { Considered, Subject } from './reason.ts';
import { channelsAsked, type Situation } from './situation.ts';

export type Routing = {
  /** Everyone who was looked at: destinations, then people by their ids, then the agent. */
  considered: Considered[];
  /** What is to be delivered, each place once. */
  deliveries: Delivery[];
  /** It asks somebody to look, nobody is told, and nobody chose to hear by digest: an alarm. */
  unheard: boolean;
};

/** Whose delivery it is: a destination's, or a person's. Undefined where neither is there any more. */
function subjectOf({ channel, id }: Delivery, { places }: Situation): Subject | undefined {
  if (channel === 'push') {
    const subscription = places.subscriptions.find((one) => one.id === id);
    return subscription && { kind: 'person', id: subscription.person };
  }
  const person = personOf(id);
  return person === undefined ? { kind: 'destination', id } : { kind: 'person', id: person };
}

/**
 * Whether a place that was asked to look hears of what has changed since. What it was told is replaced without a sound;
 * a new message waits for nobody's quiet hours: it is not sent.
 */
function hearsOn(delivery: Delivery, subject: Subject, situation: Situation): boolean {
  const { event, request, places, directory, can, now } = situation;
  const { channel } = delivery;
  if (!can.has(channel) || !(ends(event) || updates(channel, event))) return false;
  if (replaces(channel)) return true;
  if (subject.kind === 'person') {
    const urgent = (request?.tier ?? event.tier) === 'critical';
    return !isUndisturbed(directory.preferences.get(subject.id), urgent, now);
  }
  const destination = places.destinations.find(({ id }) => id === subject.id);
  return destination !== undefined && destination.disabled === undefined && !declines(destination, event);
}

/** Those who were asked and hear on, though they would not be asked now. */
function followUps(situation: Situation, routed: ReadonlySet<string>): Considered[] {
  return situation.asked.flatMap((delivery): Considered[] => {
    if (routed.has(nameOfDelivery(delivery))) return [];
    const subject = subjectOf(delivery, situation);
    if (subject === undefined || !hearsOn(delivery, subject, situation)) return [];
    const { channel } = delivery;
    return [{ ...subject, hears: true, channel, deliveries: [delivery], reason: { code: 'told_before' } }];
  });
}

const deliveriesOf = (considered: readonly Considered[]): Delivery[] =>
  considered.flatMap((one) => (one.hears ? one.deliveries : []));

/**
 * Routes one event.
 *
 * Destinations hear what they match, and what policy wants told by their kind where nobody else is. When the event asks for a look at a request that waits, or raises an alarm, people
 * hear by their own settings and policy's channels. Any other event goes to where the request was told of before. The agent is called
 * back where it gave a URL.
 */
export function route(situation: Situation): Routing {
  const { event, request, directory, places, can, asked } = situation;
  let considered = considerDestinations(places.destinations, event, directory.groupsOf, can);
  const waits = request?.waits === true;
  const open = waits || request?.undoing === true;
  if (request !== undefined && ((waits && asks(event)) || (open && alarms(event))))
    considered.push(...considerPeople(situation, request));
  if (waits && asks(event)) considered = considerFloor(considered, channelsAsked(request, event));
  considered.push(...followUps(situation, new Set(deliveriesOf(considered).map(nameOfDelivery))));

  const deliveries = deliveriesOf(considered);
  const digested = considered.some((one) => !one.hears && one.reason.code === 'below_settings');
  const unheard = waits && asks(event) && deliveries.length === 0 && asked.length === 0 && !digested;

  const callbackKey = request?.callbackKey;
  if (callbackKey !== undefined && isCalledBack(event)) {
    const callback = { channel: 'callback', id: callbackKey } as const;
    deliveries.push(callback);
    const agent = { kind: 'agent', id: event.agent ?? callbackKey, channel: 'callback' } as const;
    considered.push({ ...agent, hears: true, deliveries: [callback], reason: { code: 'agent_waits' } });
  }
  return { considered, deliveries, unheard };
}
