/** Flood control as it is written (A12). */
import { z } from 'zod';
import { closed, positiveDuration } from './value.ts';

const times = (what: string) =>
  z.union([z.literal('off'), z.number().int().min(1).max(10_000)], {
    error: `Write how many ${what}, or off.`,
  });
export const flood = z.union(
  [
    z.literal('off'),
    closed({
      asks: times('calls of one agent may ask a person within the window').exactOptional(),
      window: positiveDuration.exactOptional(),
      rejections: times('rejections in a row one agent may have').exactOptional(),
      throttle: positiveDuration.exactOptional(),
      pause: z.boolean({ error: 'Write true or false.' }).exactOptional(),
    }),
  ],
  { error: 'Write off, or {asks, window, rejections, throttle, pause}; {} has defaults for all of them.' },
);
export type WrittenFlood = z.infer<typeof flood>;
