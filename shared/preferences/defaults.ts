/** What holds for a person who never said anything. */
import type { Preferences } from '../contracts/index.ts';

/** The same as the contract's schema fills in; without zod, so that a browser can carry it. */
export const defaultPreferences: Preferences = {
  channels: { low: [], medium: [], high: ['push', 'email'], critical: ['push', 'email'] },
  opens_from: 'high',
  sound: true,
  quiet_hours: [],
  time_zone: 'UTC',
  digest_at: [],
};
