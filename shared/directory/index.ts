/** Who and what a workspace knows, as stored in its Redis hashes: keys, people, freezes, destinations, push subscriptions. */
export * from './delivery-attempt.ts';
export * from './reviewers.ts';
export * from './vapid.ts';
export * from './webhook-key.ts';

import type { CreateDestination, DestinationKind, FreezeScope, Role } from '../contracts/index.ts';

/** An API key. The secret itself is never stored: `hash` is its SHA-256 in hex. Times are ms. */
export type ApiKeyRecord = {
  id: string;
  hash: string;
  roles: Role[];
  /** The person who answers for this key. */
  owner: string;
  /** Globs of the agent names it may use. Empty: none. */
  agents: string[];
  trusted_context: boolean;
  callback_origin?: string;
  /** `whsec_…`: signs callbacks to this key's agent. */
  callback_secret?: string;
  created_at: number;
  revoked_at?: number;
};

export type PersonRecord = {
  id: string;
  name: string;
  email?: string;
  /** E.164. */
  phone?: string;
  slack_user_id?: string;
  /** In which Slack that is theirs; absent: in that of the oldest Slack destination in use. */
  slack_team_id?: string;
  groups: string[];
};

/** A freeze stops what was pending when it was set (its `epoch` is later than theirs) and everything until it is lifted. */
export type FreezeRecord = {
  id: string;
  epoch: number;
  scope: FreezeScope;
  match?: string;
  reason: string;
  set_by: string;
  set_at: number;
  lifted_at?: number;
  lifted_by?: string;
};

/**
 * Where notices go. `secret`, `signing_secret` and `headers` are credentials, and a `url` may be one: never in job data,
 * logs or the feed. `to` are conversations, addresses or numbers, as the kind has it.
 */
export type DestinationRecord = {
  id: string;
  /** Grows with every change. Absent: 1. */
  revision?: number;
  name: string;
  kind: DestinationKind;
  url?: string;
  secret?: string;
  /** The secret before the last rotation: it signs too until then, ms. */
  previous_secret?: { secret: string; until: number };
  signing_secret?: string;
  to?: string[];
  headers?: Record<string, string>;
  match?: NonNullable<CreateDestination['match']>;
  disabled?: { at: number; reason: string };
  created_at: number;
  /** Who added it. Absent: it is from before that was kept, or nobody did. */
  created_by?: string;
};

export type PushSubscriptionRecord = {
  id: string;
  person: string;
  key_id: string;
  endpoint: string;
  keys: { p256dh: string; auth: string };
  created_at: number;
};
