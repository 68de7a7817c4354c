/** Which tiers interrupt. */
import type { PersonalChannel, Preferences, Tier } from '../contracts/index.ts';

/** From the mildest to the gravest. */
const tiers = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Tier[];

/** Whether requests of this tier are told at once by this channel, quiet hours aside. */
export function interrupts({ channels }: Preferences, tier: Tier, channel: PersonalChannel): boolean {
  return channels[tier].includes(channel);
}

/** The mildest tier that this channel tells at once; null where it tells none. */
export function lowestInterrupting(preferences: Preferences, channel: PersonalChannel): Tier | null {
  return tiers.find((tier) => interrupts(preferences, tier, channel)) ?? null;
}
