/** Why somebody hears of a request, or does not. Codes are stable; the sentences are in explain.ts. */
import type { PersonalChannel } from '../contracts/index.ts';
import type { Delivery, RoutedChannel } from './channels.ts';

/** Why a destination, a person or the agent is told. */
export type Heard =
  | { code: 'matches' }
  /** It was asked to look, and so it hears what became of it. */
  | { code: 'told_before' }
  /** `saved`: they said so themselves; else it holds for everyone who never said anything. */
  | { code: 'own_settings'; saved: boolean }
  | { code: 'policy_asks' }
  /** The step of the ladder that is due names the channel. */
  | { code: 'step_asks' }
  | { code: 'stands_in'; for: string[] }
  | { code: 'agent_waits' };

/** What became of the one who was to stand in for somebody who is away. */
export type StandIn = 'told' | 'may_not_decide' | 'away';

/** Why not. */
export type Unheard =
  | { code: 'no_channel' }
  | { code: 'destination_disabled' }
  | {
      code: 'match_events' | 'match_agents' | 'match_tools' | 'match_tiers' | 'match_groups';
      wanted: string[];
    }
  | { code: 'not_a_reviewer' | 'not_in_audience' | 'party' | 'has_voted' | 'not_overseeing' }
  | { code: 'absent'; until: string; delegate?: { person: string; became: StandIn } }
  | { code: 'quiet_hours'; time_zone: string }
  /** Their settings let this tier interrupt by nothing. */
  | { code: 'below_settings'; digest_at: string[] }
  | { code: 'no_address' };

export type Subject = { kind: 'destination' | 'person' | 'agent'; id: string };

/** Somebody who was considered, and what came of it. */
export type Considered = Subject &
  (
    | { hears: true; channel: RoutedChannel; deliveries: Delivery[]; reason: Heard }
    | { hears: false; channel?: RoutedChannel; reason: Unheard }
  );

/** What is wanted of one person, and why, by channel. */
export type Wanted = ReadonlyMap<PersonalChannel, Heard>;
