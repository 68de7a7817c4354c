/** Who hears of an alert (G5): whoever leads or administers, by their own settings, and destinations that ask for it. Pure. */
import type { Alert, PersonalChannel, Preferences } from '../contracts/index.ts';
import type { FeedEvent } from '../feed/index.ts';
import { defaultPreferences, interruptingChannels, isQuiet } from '../preferences/index.ts';
import { addressesOf, type Browsers, browsersOf } from './addresses.ts';
import {
  type Delivery,
  isPersonalChannel,
  nameOfDelivery,
  personOf,
  type RoutedChannel,
} from './channels.ts';
import { considerDestinations } from './destinations.ts';
import type { Directory, Places } from './directory.ts';
import { replaces } from './events.ts';
import { isAway } from './people.ts';

export type AlertEvent = FeedEvent & { type: 'alert.raised' | 'alert.cleared'; data: { alert: string } };

/** Whether an event is about an alert. */
export function isAlertEvent(event: FeedEvent): event is AlertEvent {
  return (
    (event.type === 'alert.raised' || event.type === 'alert.cleared') && typeof event.data?.alert === 'string'
  );
}

export type AlertSituation = {
  event: AlertEvent;
  /** As it stands now. */
  alert: Alert;
  directory: Directory;
  places: Places;
  can: ReadonlySet<RoutedChannel>;
  /** Where it has been told of before. */
  asked: readonly Delivery[];
  /** Redis time in ms. */
  now: number;
};

/** Until they say: alerts are few, and whoever leads may have no browser that is subscribed. */
const untilTheySay: readonly PersonalChannel[] = ['push', 'email'];

/** By which channels a person is told now. In quiet hours what makes no sound, unless it is critical; away, nothing. */
function channelsFor(saved: Preferences | undefined, { urgency }: Alert, now: number): readonly string[] {
  if (saved !== undefined && isAway(saved, now)) return [];
  const wanted =
    saved === undefined ? untilTheySay : interruptingChannels(saved, { tier: urgency, channels: [] });
  const quiet = urgency !== 'critical' && isQuiet(saved ?? defaultPreferences, now);
  return quiet ? wanted.filter((channel) => channel === 'email') : wanted;
}

function toPerson(person: string, situation: AlertSituation, browsers: Browsers): Delivery[] {
  const { directory, places, can, alert, now } = situation;
  return channelsFor(directory.preferences.get(person), alert, now).flatMap((channel) =>
    isPersonalChannel(channel) && can.has(channel)
      ? addressesOf(person, channel, directory, places, browsers)
      : [],
  );
}

/** An alert narrows by what it is about, its team as its groups, and its urgency as its tier. */
function toDestinations({ event, alert, directory, places, can }: AlertSituation): Delivery[] {
  const { team } = alert.about;
  const named = places.destinations.filter(({ match }) => match?.events !== undefined);
  const about = {
    ...event,
    request_id: alert.id,
    tier: alert.urgency,
    audience: team === undefined || team === 'anyone' ? ['any'] : team.split(' + '),
  };
  return considerDestinations(named, about, directory.groupsOf, can).flatMap((one) =>
    one.hears ? one.deliveries : [],
  );
}

/** Of those who heard that it stands: what shows it still is brought up to date, and people's mail says that it is over. */
function hearsOn({ channel, id }: Delivery, { directory, can, now }: AlertSituation): boolean {
  if (!can.has(channel)) return false;
  if (replaces(channel)) return true;
  const person = personOf(id);
  if (person === undefined || channel !== 'email') return false;
  const saved = directory.preferences.get(person);
  return saved === undefined || !isAway(saved, now);
}

/**
 * Routes it. What is over by the time it is heard of is told to nobody but destinations that asked for the event, and to
 * those who heard that it stood.
 */
export function routeAlert(situation: AlertSituation): Delivery[] {
  const { event, alert, directory, places, asked } = situation;
  const deliveries = toDestinations(situation);
  if (event.type === 'alert.raised' && alert.status === 'raised') {
    const browsers = browsersOf(places, directory);
    for (const person of directory.overseers) deliveries.push(...toPerson(person, situation, browsers));
  }
  if (event.type === 'alert.cleared') {
    deliveries.push(...asked.filter((delivery) => hearsOn(delivery, situation)));
  }
  return [...new Map(deliveries.map((delivery) => [nameOfDelivery(delivery), delivery])).values()];
}
