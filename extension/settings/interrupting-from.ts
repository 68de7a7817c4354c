import type { Preferences, Tier } from '@countersign/shared/contracts';
import { tiers } from '../api/guard.ts';

/** The channels with this browser's notifications from a tier on, or for none. Other channels stay as they were. */
export function interruptingFrom(
  channels: Preferences['channels'],
  from: Tier | null,
): Preferences['channels'] {
  const lowest = from === null ? tiers.length : tiers.indexOf(from);
  const changed = { ...channels };
  tiers.forEach((tier, i) => {
    const others = channels[tier].filter((channel) => channel !== 'push');
    changed[tier] = i >= lowest ? ['push', ...others] : others;
  });
  return changed;
}
