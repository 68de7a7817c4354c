/** A small airline, one for each conversation: enough for its calls to find what they speak of. */
import type { Json, JsonObject } from '../sdk/index.ts';
import type { Call } from './calls.ts';

export type Reservation = {
  id: string;
  status: 'booked' | 'cancelled';
  user_id: string | null;
  cabin: string;
  flights: Json;
  bags: number;
};

export type Airline = {
  customers: Map<string, { user_id: string; certificates: { id: string; amount: number }[] }>;
  reservations: Map<string, Reservation>;
  /** Charged and paid out, in the order in which it happened. */
  payments: { payment_id: string; amount: number }[];
  handoffs: string[];
  airports: Set<string>;
};

/**
 * An airline that holds every customer, reservation and airport that the calls refer to, so that a real
 * conversation can be played without the database that it was held over.
 */
export function airlineOf(calls: readonly Call[]): Airline {
  const airline: Airline = {
    customers: new Map(),
    reservations: new Map(),
    payments: [],
    handoffs: [],
    airports: new Set(),
  };
  for (const { args } of calls) {
    if (typeof args.user_id === 'string') {
      airline.customers.set(args.user_id, { user_id: args.user_id, certificates: [] });
    }
    if (typeof args.reservation_id === 'string') {
      const id = args.reservation_id;
      const [status, cabin] = ['booked', 'economy'] as const;
      airline.reservations.set(id, { id, status, user_id: null, cabin, flights: [], bags: 0 });
    }
    for (const place of [args.origin, args.destination]) {
      if (typeof place === 'string') airline.airports.add(place);
    }
  }
  return airline;
}

/** A tool gets the arguments that were approved, does its work on the airline, and says what came of it. */
export type Tool = (airline: Airline, args: JsonObject) => Json;
