/** Alerts (G5): what leads are told of unasked, how urgently, and from where on. */
import type { AlertKind, Tier } from '../contracts/index.ts';

/** `urgency` is the tier by which people's settings choose how they are told. */
type Told = { urgency: Tier };

/** By kind; null: that is not looked at. */
export type Alerts = {
  /** Timeouts: at least so many times the usual share. */
  timeouts: (Told & { times: number }) | null;
  catch_rate: Told | null;
  /** Approved nearly always: the lower end of the interval is above this share. */
  always_approved: (Told & { above: number }) | null;
  flooding: Told | null;
  /** The share of reviewers' time that is taken up, above which waits grow without bound. */
  load: (Told & { above: number }) | null;
};

/** What holds where no file says anything, and what `{}` means. */
export const ALERTS: { [K in AlertKind]: NonNullable<Alerts[K]> } = {
  timeouts: { urgency: 'high', times: 2 },
  catch_rate: { urgency: 'high' },
  always_approved: { urgency: 'low', above: 0.97 },
  flooding: { urgency: 'high' },
  load: { urgency: 'medium', above: 0.8 },
};
