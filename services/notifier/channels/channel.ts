/** What every channel is: a way to find where a delivery goes now, and to make one attempt at it. */
import type { Alert, JsonObject, RequestView } from '@countersign/shared/contracts';
import type { RequestRecord } from '@countersign/shared/request';

export { addressOfPerson, personOf } from '@countersign/shared/routing';

export const channelNames = [
  'webhook',
  'push',
  'callback',
  'slack',
  'pagerduty',
  'teams',
  'sms',
  'email',
] as const;
export type ChannelName = (typeof channelNames)[number];

/** What is said: a request as it stands now, and the event that made us say it. */
export type Notice = {
  /** The same on every attempt to deliver this event to this destination. */
  id: string;
  type: string;
  /** When the event happened, RFC 3339. */
  timestamp: string;
  request: RequestView;
  /** The page that shows the request's card. A GET of it decides nothing. Absent where the installation has no address. */
  link?: string;
};

/** The same of an alert. */
export type AlertNotice = Omit<Notice, 'request'> & { workspace: string; alert: Alert };

export type Attempt = {
  /** From 1. */
  number: number;
  /** Redis time in ms. */
  now: number;
  /** Whether an earlier attempt to tell this destination of this request may have reached the peer. */
  tried: boolean;
  /** What the last attempt at this destination about this request asked to be kept, such as a message's id. */
  kept: JsonObject | undefined;
  /** An admin wants it said as it stands, whatever was said before. */
  replay?: true;
};

/** How an attempt ended. That it was delivered and could not be recorded is for the deliverer to notice. */
export type Outcome =
  | {
      kind: 'delivered';
      status: number;
      response: string;
      /** Kept in the delivery record for the next attempt about this request; absent leaves what is kept. */
      keep?: JsonObject;
    }
  /** The destination is where it should be without a word: it never heard of what is over now. */
  | { kind: 'not_needed' }
  | {
      /** Tried. `code` is `http_<status>`, `timeout` or the network's. */
      kind: 'failed';
      code: string;
      status?: number;
      response?: string;
      /** The peer's `Retry-After`. */
      retry_after_ms?: number;
      /** `never`: the peer has said no for good. */
      retry: 'scheduled' | 'never';
      /** The peer says that there is no such destination any more. */
      gone: boolean;
      /** Nobody was reached, nor may have been. Absent: something may have reached the peer. */
      nothing_sent?: true;
      /** As with `delivered`: what was reached nevertheless, or may have been. */
      keep?: JsonObject;
    }
  /** Nothing was sent, and nothing would be by trying again. */
  | { kind: 'not_tried'; code: string };

/** Whether an attempt can not have told anybody anything. */
export const sentNothing = (outcome: Outcome): boolean =>
  outcome.kind === 'failed' ? outcome.nothing_sent === true : outcome.kind !== 'delivered';

/** Where to look for a destination: by its id in the workspace (see `addressOfPerson`), or in the request itself. */
export type Address = {
  workspace: string;
  id: string;
  request: RequestRecord;
  /** The destination of this id as it was found a moment ago, null where there was none; absent where nobody looked. */
  stored?: string | null;
};

/** The same of an alert, which has no agent to call back. */
export type AlertAddress = Omit<Address, 'request'> & {
  request: { id: string; callback_url?: undefined; key_id?: undefined; trace?: undefined };
};
export type AnyAddress = Address | AlertAddress;

export type Found<Target> =
  | { found: true; target: Target }
  /** Deleted, disabled, or not to be sent to. `quiet`: nothing that an operator would look for in the log. */
  | { found: false; why: string; quiet: boolean };

/**
 * One way to reach someone. `Target` holds what an attempt needs, credentials included, read fresh before each
 * attempt; it never leaves the process but towards the peer.
 */
export type Channel<Target> = {
  find(address: AnyAddress): Promise<Found<Target>>;
  /** Whether there is anything to send: where not, it costs no moment of the destination's pace. Absent: there always is. */
  needs?(target: Target, notice: Notice, attempt: Attempt): boolean;
  /** One attempt. Never rejects for anything that the peer or the network does. */
  deliver(target: Target, notice: Notice, attempt: Attempt): Promise<Outcome>;
  /** The same about an alert. Absent: it is none of this channel's. */
  tell?(target: Target, notice: AlertNotice, attempt: Attempt): Promise<Outcome>;
  /** The peer answered that it is gone: see that nobody tries again. Only if the target is still as it was found. */
  retire(address: AnyAddress, target: Target, at: number): Promise<void>;
  /** Strings that must not show up in logs, should the peer echo them. */
  secrets(target: Target): string[];
};
