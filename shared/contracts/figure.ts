/** One figure, with its n and its interval; or why it is not said. */
import { z } from 'zod';

const Count = z.number().int().nonnegative();
const Share = z.number().min(0).max(1);
const Interval = z.object({ low: Share, high: Share });

export const TooFew = z
  .object({ enough: z.literal(false), n: Count, needed: Count })
  .meta({ description: 'Too few to say: `n` there are, `needed` it takes.' });
const Hidden = z
  .object({ enough: z.literal(false), hidden: z.literal('fewer_than_five_people') })
  .meta({ description: 'Not told to leads: it would be about persons.' });

/** A share, or why it is not said. */
export const Estimate = z
  .union([
    z.object({
      enough: z.literal(true),
      k: Count,
      n: Count,
      rate: Share,
      low: Share.meta({ description: 'Wilson, 95%: for one look at a window chosen beforehand.' }),
      high: Share,
      watched: Interval.meta({ description: 'The same for a screen that is looked at all the time: wider.' }),
    }),
    TooFew,
    Hidden,
  ])
  .meta({ id: 'Estimate' });
export type Estimate = z.infer<typeof Estimate>;

const Bucket = z.object({
  upto: z.number().nullable().meta({ description: 'Its upper end; null for the last, which has none.' }),
  n: Count,
});

/** How something is spread, from buckets that add up; or why it is not said. */
export const Spread = z
  .union([
    z.object({
      enough: z.literal(true),
      n: Count,
      median: z.number().meta({ description: 'Within its bucket, evenly: an estimate.' }),
      p90: z.number(),
      buckets: z.array(Bucket),
    }),
    TooFew,
    Hidden,
  ])
  .meta({ id: 'Spread' });
export type Spread = z.infer<typeof Spread>;

export const Difference = z.union([
  z.object({ enough: z.literal(true), difference: z.number(), low: z.number(), high: z.number() }),
  TooFew,
  Hidden,
]);

export const Drift = z.union([
  z.object({
    enough: z.literal(true),
    n: Count,
    sum: z.number().meta({ description: 'Of the CUSUM on misses; there is an alarm at 3.' }),
    alarms: Count,
    last_alarm: z.iso.datetime().nullable(),
  }),
  TooFew,
  Hidden,
]);

export const ReadingOf = z.object({
  reading: z.enum(['mis_tiered', 'rubber_stamped', 'healthy', 'unknown']),
  because: z.enum([
    'canaries_caught',
    'canaries_missed',
    'no_canaries',
    'too_few_canaries',
    'too_few_decisions',
    'catch_undecided',
    'drift_alarm',
    'hidden',
  ]),
  how: z
    .enum(['unread', 'by_chance', 'only_here', 'looked_at', 'unknown'])
    .optional()
    .meta({ description: 'In which way canaries are missed, where they are: what to look into first.' }),
});
export type ReadingOf = z.infer<typeof ReadingOf>;
