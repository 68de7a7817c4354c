/** The tools of the airline's agent. They check what they are given: a mistaken call fails as it would in earnest. */
import type { Json, JsonObject } from '../sdk/index.ts';
import type { Airline, Reservation, Tool } from './airline.ts';
import { arithmetic } from './arithmetic.ts';

function text(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new TypeError(`${name} must be a text`);
  return value;
}

function number(args: JsonObject, name: string): number {
  const value = args[name];
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  return value;
}

function customer(airline: Airline, args: JsonObject) {
  const found = airline.customers.get(text(args, 'user_id'));
  if (!found) throw new Error(`no customer ${text(args, 'user_id')}`);
  return found;
}

function reservation(airline: Airline, args: JsonObject): Reservation {
  const found = airline.reservations.get(text(args, 'reservation_id'));
  if (!found) throw new Error(`no reservation ${text(args, 'reservation_id')}`);
  return found;
}

function booked(airline: Airline, args: JsonObject): Reservation {
  const found = reservation(airline, args);
  if (found.status !== 'booked') throw new Error(`reservation ${found.id} is ${found.status}`);
  return found;
}

function charge(airline: Airline, methods: Json | undefined): void {
  if (!Array.isArray(methods)) throw new TypeError('payment_methods must be a list');
  for (const method of methods) {
    if (typeof method !== 'object' || method === null || Array.isArray(method)) {
      throw new TypeError('a payment method must be an object');
    }
    airline.payments.push({ payment_id: text(method, 'payment_id'), amount: number(method, 'amount') });
  }
}

const flights: Tool = (airline, args) => {
  const known = [...airline.airports];
  const [origin, destination] = [text(args, 'origin'), text(args, 'destination')];
  return known.includes(origin) && known.includes(destination) ? [{ origin, destination, ...args }] : [];
};

/** By the names that the agent calls them. */
export const tools: Readonly<Record<string, Tool>> = {
  get_user_details: (airline, args) => customer(airline, args),
  get_reservation_details: (airline, args) => reservation(airline, args),
  list_all_airports: (airline) => [...airline.airports].toSorted(),
  search_direct_flight: flights,
  search_onestop_flight: flights,
  calculate: (_, args) => arithmetic(text(args, 'expression')),

  transfer_to_human_agents: (airline, args) => {
    airline.handoffs.push(text(args, 'summary'));
    return { transferred: true };
  },

  book_reservation: (airline, args) => {
    const { user_id } = customer(airline, args);
    charge(airline, args.payment_methods);
    const id = `NEW${String(airline.reservations.size + 1).padStart(3, '0')}`;
    const bags = number(args, 'total_baggages');
    const made: Reservation = {
      id,
      status: 'booked',
      user_id,
      cabin: text(args, 'cabin'),
      flights: args.flights ?? [],
      bags,
    };
    airline.reservations.set(id, made);
    return made;
  },

  update_reservation_flights: (airline, args) => {
    const changed = booked(airline, args);
    changed.cabin = text(args, 'cabin');
    changed.flights = args.flights ?? [];
    return changed;
  },

  update_reservation_baggages: (airline, args) => {
    const changed = booked(airline, args);
    changed.bags = number(args, 'total_baggages');
    return changed;
  },

  cancel_reservation: (airline, args) => {
    const cancelled = booked(airline, args);
    cancelled.status = 'cancelled';
    return cancelled;
  },

  send_certificate: (airline, args) => {
    const { certificates } = customer(airline, args);
    const sent = { id: `certificate_${certificates.length + 1}`, amount: number(args, 'amount') };
    certificates.push(sent);
    return sent;
  },
};
