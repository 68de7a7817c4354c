/** What interrupts a person. */
import type { PersonalChannel, Preferences, Tier } from '../contracts/index.ts';

/** From the mildest to the gravest. */
const tiers = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Tier[];

/** What of a request decides that. `channels`: those that policy asks for, a view's or a record's. */
export type Interrupting = { tier: Tier; channels?: readonly string[] | undefined };

/**
 * The channels that tell a person of a request at once, quiet hours and absence aside: what they chose for its tier,
 * and beside that what policy asks for, which adds to a choice and never takes from it. Notifier, digest and extension
 * all go by it.
 */
export function interruptingChannels(
  { channels: chosen }: Preferences,
  { tier, channels: asked = [] }: Interrupting,
): readonly string[] {
  return [...new Set<string>([...chosen[tier], ...asked])];
}

/** Whether a request is told at once by this channel, quiet hours and absence aside. */
export function interrupts(
  preferences: Preferences,
  request: Interrupting,
  channel: PersonalChannel,
): boolean {
  return interruptingChannels(preferences, request).includes(channel);
}

/** The mildest tier that this channel tells at once by a person's own choice; null where it tells none. */
export function lowestInterrupting(preferences: Preferences, channel: PersonalChannel): Tier | null {
  return tiers.find((tier) => interrupts(preferences, { tier }, channel)) ?? null;
}
