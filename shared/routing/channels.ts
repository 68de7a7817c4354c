/** The ways that a notice can go, and how one person's own address is named on those that lead to people. */
import type { DestinationKind, PersonalChannel } from '../contracts/index.ts';

/** A destination's kind is the name of its channel. `callback` is the agent's own. */
export type RoutedChannel = DestinationKind | PersonalChannel | 'callback';

/** Where a delivery goes: `id` is a destination's, a push subscription's, a person's address or an agent key's. */
export type Delivery = { channel: RoutedChannel; id: string };

/** One name for a channel and an id. */
export const nameOfDelivery = ({ channel, id }: Delivery): string => `${channel}-${id}`;

/** The reverse of `nameOfDelivery`: no channel has a hyphen in its name. */
export function deliveryNamed(name: string): Delivery {
  const at = name.indexOf('-');
  return { channel: name.slice(0, at) as RoutedChannel, id: name.slice(at + 1) };
}

/** Ways to reach one person, as policy and settings name them. */
export const personalChannels: readonly PersonalChannel[] = [
  'push',
  'email',
  'slack',
  'teams',
  'sms',
  'pagerduty',
];

export const isPersonalChannel = (name: string): name is PersonalChannel =>
  personalChannels.some((channel) => channel === name);

/** Whether the channel knows conversations and services, and no single person. */
export const reachesTeams = (channel: string): boolean => channel === 'teams' || channel === 'pagerduty';

const personPrefix = 'person.';

/** The address id of a person's own mailbox, telephone or the like. No destination's id has a dot. */
export const addressOfPerson = (person: string): string => personPrefix + person;

/** The person whose own address it is, or undefined for a destination's id. */
export const personOf = (id: string): string | undefined =>
  id.startsWith(personPrefix) ? id.slice(personPrefix.length) : undefined;
