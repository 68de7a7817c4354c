/** What an event is for: it asks people to look, raises an alarm, tells that it is over, or changes what is shown. */
import type { EventType, FeedEvent } from '../feed/index.ts';
import type { RequestRecord } from '../request/index.ts';
import type { RoutedChannel } from './channels.ts';

/** Events that ask someone to look. */
const asking: ReadonlySet<EventType> = new Set([
  'request.created',
  'request.edited',
  'request.raised',
  'request.escalated',
  'request.reminded',
] as const);

/** Events that whoever oversees should know of: nobody may decide the request, nobody is told of it, an undo is not done. */
const alarming: ReadonlySet<EventType> = new Set([
  'request.undecidable',
  'request.unheard',
  'review.undo_overdue',
] as const);

/** Events after which nobody need look any longer, or the agent must not run any more. */
const ending: ReadonlySet<EventType> = new Set([
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
  'request.superseded',
  'request.revoked',
] as const);

/** Events that change what was shown, on a channel that may show it still. */
const changing: readonly EventType[] = ['request.edited', 'request.raised'];

/** What each channel has something to do at, beside asking and ending: it shows who is on it, or how far it is. */
const updating: Record<RoutedChannel, readonly EventType[]> = {
  webhook: ['outcome.reported', 'review.reviewed', 'review.unreviewed', 'review.undo_requested'],
  push: ['verdict.undone', 'question.answered'],
  pagerduty: ['request.claimed', 'request.unclaimed', ...changing],
  slack: ['request.claimed', 'request.unclaimed', 'verdict.given', 'verdict.undone', ...changing],
  teams: [],
  email: [],
  sms: [],
  callback: ['question.asked', 'review.undo_requested'],
};

/** Channels that replace what they said, without a sound. On the others each word is a new message. */
const replacing: ReadonlySet<RoutedChannel> = new Set(['push', 'slack', 'pagerduty'] as const);

/** An event that is about a request. */
export type ToldEvent = FeedEvent & { request_id: string };

/** Whether an event is about a request and may be told. A notice about notices would never end. */
export function isTold(event: FeedEvent): event is ToldEvent {
  return event.request_id !== undefined && !event.type.startsWith('notice.');
}

export const asks = ({ type }: FeedEvent): boolean => asking.has(type);
export const alarms = ({ type }: FeedEvent): boolean => alarming.has(type);
export const ends = ({ type }: FeedEvent): boolean => ending.has(type);

/** Whether an event may call the agent back: how it ended, that somebody wants to know something first, that it is to be undone. */
export const isCalledBack = (event: FeedEvent): boolean => ends(event) || updates('callback', event);

const moving: ReadonlySet<EventType> = new Set([
  ...asking,
  ...alarming,
  ...ending,
  ...Object.values(updating).flat(),
]);

/** Whether routing looks at the request itself. Of mere bookkeeping only the destinations that name it hear. */
export const movesRequest = ({ type }: FeedEvent): boolean => moving.has(type);

/** Whether the channel shows what this event changed, neither asking nor ending. */
export const updates = (channel: RoutedChannel, { type }: FeedEvent): boolean =>
  updating[channel].includes(type);

/** What a destination hears that does not say which events it wants. */
export const isHeardByDefault = (channel: RoutedChannel, event: FeedEvent): boolean =>
  asks(event) || alarms(event) || ends(event) || updates(channel, event);

/** Whether the channel puts something up that has to be taken down, and does so silently. */
export const replaces = (channel: RoutedChannel): boolean => replacing.has(channel);

const byStatus: Readonly<Record<RequestRecord['status'], EventType>> = {
  pending: 'request.created',
  approved: 'request.approved',
  rejected: 'request.rejected',
  timed_out: 'request.timed_out',
  cancelled: 'request.cancelled',
  running: 'action.allowed',
  reviewed: 'review.reviewed',
  unreviewed: 'review.unreviewed',
  undo_requested: 'review.undo_requested',
  undone: 'outcome.reported',
  undo_failed: 'outcome.reported',
};

/** The event that last made a request what it is, as whoever is told of it would have heard it. */
export const lastTold = ({ status, revoked }: Pick<RequestRecord, 'status' | 'revoked'>): EventType =>
  revoked === undefined ? byStatus[status] : 'request.revoked';
