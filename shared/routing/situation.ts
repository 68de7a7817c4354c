/** All that routing looks at. It reads no clock and asks nobody. */
import type { Tier } from '../contracts/index.ts';
import { audienceOf, type RequestRecord } from '../request/index.ts';
import type { Delivery, RoutedChannel } from './channels.ts';
import type { Directory, Places } from './directory.ts';
import type { ToldEvent } from './events.ts';
import type { Heard } from './reason.ts';

/** What routing needs to know of a request, as it stands now. */
export type RequestFacts = {
  tier: Tier;
  /** Whether it waits for somebody. */
  waits: boolean;
  /** Whether an undo was asked of its agent and is not done. */
  undoing: boolean;
  /** Who may decide it: `any`, groups and people. */
  audience: string[];
  /** Whose hands are in the run: they do not decide it (law 8). */
  parties: string[];
  /** Who has given a verdict on it. */
  voted: string[];
  /** Channels that policy asks for. */
  channels: string[];
  /** The key of the agent to call back, where its request gave a URL. */
  callbackKey?: string;
};

export type Situation = {
  event: ToldEvent;
  /** Absent once it has left the store: then there is nobody to ask. */
  request: RequestFacts | undefined;
  directory: Directory;
  places: Places;
  /** What can be sent here: the channels that are built, and set up where they need to be. */
  can: ReadonlySet<RoutedChannel>;
  /** Where this request has been told of before. */
  asked: readonly Delivery[];
  /** Redis time in ms. */
  now: number;
};

/** The facts of a stored request. */
export function factsOf(record: RequestRecord): RequestFacts {
  const { terms, status, owner, requested_by, verdicts, channels, callback_url, key_id } = record;
  return {
    tier: terms.tier,
    waits: status === 'pending',
    undoing: status === 'undo_requested',
    audience: audienceOf(record),
    parties: requested_by === undefined ? [owner] : [owner, requested_by],
    voted: verdicts.map(({ reviewer }) => reviewer),
    channels,
    ...(callback_url === undefined ? {} : { callbackKey: key_id }),
  };
}

/** What a step of the ladder adds: who is told beside those who may decide, and by which channels besides. */
export function stepOf({ data = {} }: ToldEvent): { notify: string[]; channels: string[] } {
  const names = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  return { notify: names(data.notify), channels: names(data.channels) };
}

/** The channels that policy and the ladder's step want to tell by, and which of the two; the first that asks is named. */
export function channelsAsked(request: RequestFacts, event: ToldEvent): Map<string, Heard> {
  const asked = new Map<string, Heard>();
  for (const channel of stepOf(event).channels) asked.set(channel, { code: 'step_asks' });
  for (const channel of request.channels) asked.set(channel, { code: 'policy_asks' });
  return asked;
}
