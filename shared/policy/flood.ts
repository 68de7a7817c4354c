/** Flood control (A12): when one agent asks people too much, and what happens then. */

/** null: that is not looked at. */
export type Flood = {
  /** How many calls of one agent may ask a person within `window_ms`. */
  asks: number | null;
  window_ms: number;
  /** How many rejections by people in a row, without an approval, one agent may have within an hour. */
  rejections: number | null;
  /** For so long it may ask nobody, */
  throttle_ms: number;
  /** or it is frozen instead, until somebody lifts that. */
  pause: boolean;
};

/** What `flood: {}` means: more than a person reads with care, and as many times no as make a pattern. */
export const FLOOD: Flood = {
  asks: 60,
  window_ms: 60_000,
  rejections: 5,
  throttle_ms: 300_000,
  pause: false,
};
