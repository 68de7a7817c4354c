/**
 * Everything that the extension keeps, in one place: name, shape, lifetime and who writes it.
 * `local` stays until the reviewer disconnects; `session` lives in memory until the browser closes, so that no
 * arguments are ever written to this machine's disk.
 */
import type { Person, Preferences } from '@countersign/shared/contracts';
import type { Segment } from '@countersign/shared/plain';
import { storage } from 'wxt/utils/storage';
import type { Trouble } from '../api/trouble.ts';

/** The server this browser is paired with. Written by the worker when a pairing succeeds. */
export type Connection = {
  server: string;
  key: string;
  key_id: string;
  workspace: string;
  person: Person;
  vapid_public_key: string;
};
export const connectionItem = storage.defineItem<Connection | null>('local:connection', { fallback: null });

/** A request as a line of the queue. */
export type Row = {
  id: string;
  tier: 'low' | 'medium' | 'high' | 'critical';
  /** Channels that policy asks to tell by. */
  channels?: string[];
  agent: string;
  tool: string;
  title: Segment[];
  created_at: string;
  expires_at: string | null;
  version: number;
  revision: number;
  needed: number;
  given: number;
  /** Who says that they are on it. */
  claimed_by?: string;
  /** How the latest question to its agent stands. */
  question?: 'waits' | 'answered';
};

/** The queue as last read. Written by the worker, read by every surface and by the badge. */
export type Snapshot = { rows: Row[]; total: number; next_cursor?: string; synced_at: number };
export const snapshotItem = storage.defineItem<Snapshot | null>('session:snapshot', { fallback: null });

/**
 * How the queue is kept fresh: `live` by the stream, `polling` by the alarm; or why it is not: `offline` when the
 * server did not answer, `refused` when it no longer takes the key, `not_permitted` when the browser no longer lets us
 * talk to it, `not_understood` when it answers like no server we know. `since` is in milliseconds.
 */
export type Link = {
  state: 'live' | 'polling' | 'offline' | 'refused' | 'not_permitted' | 'not_understood';
  since: number;
};
export const linkItem = storage.defineItem<Link | null>('session:link', { fallback: null });

/**
 * What may interrupt this person, as the server last said; null until it has. Written by the worker when the stream
 * opens, and by the settings page.
 */
export const preferencesItem = storage.defineItem<Preferences | null>('local:preferences', {
  fallback: null,
});

/**
 * What the reviewer has been told of or seen, so that nothing interrupts twice: ids; the latest `created_at` that was
 * in the queue; when the last notification came, of which requests, and whether a card was opened for it; when a
 * digest was last thought of. Times are in milliseconds. Written by the worker.
 */
export type Heard = {
  ids: string[];
  newest: number;
  told_at: number;
  burst: string[];
  opened: boolean;
  looked_at: number;
};
export const heardItem = storage.defineItem<Heard>('session:heard', {
  fallback: { ids: [], newest: 0, told_at: 0, burst: [], opened: false, looked_at: 0 },
});

/** Requests put off, and until when in milliseconds. Written by every surface and by a notification's button. */
export type Later = Record<string, number>;
export const laterItem = storage.defineItem<Later>('session:later', { fallback: {} });

/** The requests that were looked at last, the latest first. Written by every surface, read by the palette. */
export const recentItem = storage.defineItem<Row[]>('session:recent', { fallback: [] });

/** The request whose card the worker opened unasked, and when. Written by the worker, read by a popup that opens. */
export type Opened = { id: string; at: number };
export const openedItem = storage.defineItem<Opened | null>('session:opened', { fallback: null });

/** The server's contract as it told it, null where it told none; undefined until it was asked. Written by the worker. */
export const contractItem = storage.defineItem<{ told: number | null } | null>('session:contract', {
  fallback: null,
});

/** The stream's position, to resume from after the worker was put to sleep. Written by the worker. */
export const lastEventItem = storage.defineItem<string>('session:last_event', { fallback: '' });

/** A pairing that waits for the browser's permission. Written by the Connect form, taken by the worker. */
export type Pairing = { server: string; code: string; device: string };
export const pairingItem = storage.defineItem<Pairing | null>('session:pairing', { fallback: null });

/** Why the last pairing failed. Written by the worker, shown by the Connect form. */
export const pairingTroubleItem = storage.defineItem<Trouble | null>('session:pairing_trouble', {
  fallback: null,
});

/**
 * An approval of this person's that the server holds, at the revision that said so. `over` once it no longer does:
 * kept until the hold would have ended, so that an answer that was overtaken does not bring it back.
 */
export type Held = { id: string; title: Segment[]; release_at: string; revision: number; over?: true };
export const heldItem = storage.defineItem<Held[]>('session:held', { fallback: [] });

/** The `#…` of the place where the reviewer was last. Written by every surface, read by a popup that opens anew. */
export const placeItem = storage.defineItem<string>('session:place', { fallback: '' });

/** Forgets everything of a connection. */
export async function forgetAll(): Promise<void> {
  await storage.clear('session');
  await storage.clear('local');
}
