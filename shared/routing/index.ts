/** Routing: who hears of a request, by which channel and why. Pure; the notifier acts on it and intake explains it. */
export { addressesOf, browsersOf } from './addresses.ts';
export { type AlertEvent, isAlertEvent, routeAlert } from './alert.ts';
export {
  addressOfPerson,
  type Delivery,
  deliveryNamed,
  isPersonalChannel,
  nameOfDelivery,
  personalChannels,
  personOf,
  type RoutedChannel,
} from './channels.ts';
export { considerDestinations } from './destinations.ts';
export { type Directory, directoryOf, type Places, preferencesOf } from './directory.ts';
export {
  alarms,
  asks,
  ends,
  isCalledBack,
  isTold,
  lastTold,
  movesRequest,
  type ToldEvent,
} from './events.ts';
export { explain } from './explain.ts';
export { isAway } from './people.ts';
export type { Considered, Heard, Unheard } from './reason.ts';
export { type Routing, route } from './route.ts';
export { factsOf, type RequestFacts, type Situation } from './situation.ts';
