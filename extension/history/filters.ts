/** What a search asks for, as it stands in the address: `#/history?status=approved&q=refund`. */

import type { Status, Tier } from '@countersign/shared/contracts';
import { tiers } from '../api/guard.ts';

/** Every status, in the order in which the form offers them. */
export const statuses = [
  'pending',
  'approved',
  'rejected',
  'timed_out',
  'cancelled',
  'running',
  'reviewed',
  'unreviewed',
  'undo_requested',
  'undone',
  'undo_failed',
] as const satisfies readonly Status[];

/** `from` and `to` are days (`2026-11-21`) where the reader is, both included. */
export type Filters = {
  status?: Status;
  tool?: string;
  agent?: string;
  tier?: Tier;
  reviewer?: string;
  from?: string;
  to?: string;
  q?: string;
};

export type FilterName = keyof Filters;

const texts = ['tool', 'agent', 'reviewer', 'q'] as const;
const days = ['from', 'to'] as const;
/** As long as the server takes. */
const longest = 200;

/** Reads the part of an address behind its `?`. What is unknown or malformed is left out. */
export function readFilters(query: string): Filters {
  const written = new URLSearchParams(query);
  const filters: Filters = {};
  const status = statuses.find((name) => name === written.get('status'));
  if (status) filters.status = status;
  for (const name of texts) {
    const text = written.get(name)?.slice(0, longest);
    if (text) filters[name] = text;
  }
  const tier = tiers.find((name) => name === written.get('tier'));
  if (tier) filters.tier = tier;
  for (const name of days) {
    const day = written.get(name) ?? '';
    if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))) filters[name] = day;
  }
  return filters;
}

const order: readonly FilterName[] = ['status', 'tool', 'agent', 'tier', 'reviewer', 'from', 'to', 'q'];

/** Writes them, always in the same order, so that the same search has one address. */
export function queryOf(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of order) {
    const value = filters[name];
    if (value !== undefined && value !== '') query.set(name, value);
  }
  return query.toString();
}

/** The same search as the server takes it: days become the moments they begin and end in this browser's time zone. */
export function searchOf({ from, to, ...same }: Filters): Record<string, string> {
  return {
    ...same,
    ...(from === undefined ? {} : { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  };
}
