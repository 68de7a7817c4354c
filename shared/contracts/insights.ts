/** Insights: whether people still read what they approve. Every figure comes with its n and its interval, or not at all. */
import { z } from 'zod';
import { Difference, Drift, Estimate, ReadingOf, Spread, TooFew } from './figure.ts';
import { Tier } from './names.ts';

const Count = z.number().int().nonnegative();
const Time = z.iso.datetime({ offset: true });
const Word = z.string().min(1).max(200);

/** What a row of figures is about; in the order in which the dimensions are named. */
export const InsightsBy = z.enum(['tool', 'rule', 'tier', 'team']);
export type InsightsBy = z.infer<typeof InsightsBy>;

const window = {
  from: Time.optional().meta({ description: 'Whole hours; without it, 30 days before `to`.' }),
  to: Time.optional().meta({ description: 'Before then; without it, now.' }),
};
const within = {
  tool: Word.optional(),
  rule: Word.optional(),
  tier: Tier.optional(),
  team: Word.optional().meta({
    description: 'The groups that were asked, as a row names them; `anyone` where any reviewer was.',
  }),
};
const format = z.enum(['json', 'csv']).default('json');

const isDimension = (name: string): name is InsightsBy => InsightsBy.safeParse(name).success;

export const FiguresQuery = z.object({
  ...window,
  ...within,
  by: z
    .string()
    .max(40)
    .default('tool,rule,tier,team')
    .transform((text) => text.split(',').filter(Boolean))
    .refine((names) => names.every(isDimension), 'names of tool, rule, tier and team, with commas between')
    .transform((names) => InsightsBy.options.filter((one) => names.includes(one)))
    .meta({
      description:
        'What rows are told apart by, with commas between: `tool`, `rule`, `tier`, `team`. A request that several rules asked for counts under each of them.',
    }),
  format,
});
export type FiguresQuery = z.infer<typeof FiguresQuery>;

export const TrendQuery = z.object({ ...window, ...within, format });
export type TrendQuery = z.infer<typeof TrendQuery>;

export const LoadQuery = z.object({ ...window, team: within.team, format });
export type LoadQuery = z.infer<typeof LoadQuery>;

export const MineQuery = z.object({ ...window });
export type MineQuery = z.infer<typeof MineQuery>;

/** What became of requests that asked for a human. A batch counts as one decision for each verdict given in it. */
export const RequestCounts = z.object({
  arrived: Count,
  decided: Count,
  approved: Count.meta({ description: 'Edited ones included.' }),
  edited: Count,
  rejected: Count,
  batched: Count.meta({
    description: 'Decided in a batch, beyond the one decision that the batch counts as.',
  }),
  timed_out: Count,
  cancelled: Count,
});

const Links = z.record(z.string(), z.string()).meta({
  description: 'Addresses of the requests behind it: those made in the window, whenever they ended.',
});

export const FigureRow = z
  .object({
    tool: z.string().optional(),
    rule: z.string().nullable().optional().meta({ description: 'null: policy’s default asked.' }),
    tier: Tier.optional(),
    team: z.string().optional().meta({
      description:
        'Groups that were asked, joined by ` + `; `anyone`; `named people` where none was a group.',
    }),
    people: Count.nullable().meta({
      description: 'Who gave verdicts here; null where they are fewer than five.',
    }),
    requests: RequestCounts,
    approval: Estimate.meta({
      description: 'Approved of decided. A lower bound of 97% and more: look into it.',
    }),
    nearly_all: z
      .boolean()
      .meta({ description: 'At 100 decisions and more, the lower bound is 97% or above.' }),
    reading: ReadingOf.meta({ description: 'What an approval rate means, once it is known what is caught.' }),
    timeouts: Estimate.meta({ description: 'Timed out of all that ended but for the cancelled.' }),
    repeats: Estimate.meta({
      description: 'Requests that were near-identical to one of the 1,024 before them.',
    }),
    wait: Spread.meta({ description: 'From made to decided, ms.' }),
    time: Spread.meta({
      description: 'What a verdict took: attention as it was claimed, else since it was opened, ms.',
    }),
    pace: Spread.meta({
      description: 'Claimed attention as a multiple of the least time to read what was new, of approvals.',
    }),
    too_fast: Estimate.meta({
      description: 'Approvals with less than half of that time: a signal, no proof.',
    }),
    session_drift: Difference.meta({
      description: 'Share too fast after the first half-hour of a session, less the share within it.',
    }),
    catches: Estimate.meta({ description: 'Canaries caught of those that were answered.' }),
    canaries: z
      .object({ planted: Count, unanswered: Count, plain: Estimate, buried: Estimate })
      .nullable()
      .meta({ description: 'By difficulty; null where it would be about persons.' }),
    drift: Drift.meta({
      description:
        'Over all time: of one cell, its chart; of several, the highest sum among their charts, and all their alarms.',
    }),
    links: Links,
  })
  .meta({ id: 'FigureRow' });
export type FigureRow = z.infer<typeof FigureRow>;

const Progress = {
  searched: Count.meta({ description: 'How many entries of the log these figures are made of.' }),
  sealed: Count.meta({ description: 'How many there are.' }),
};
const Window = z.object({ from: z.iso.datetime(), to: z.iso.datetime() });

export const Figures = z
  .object({
    window: Window,
    by: z.array(InsightsBy),
    rows: z.array(FigureRow).meta({ description: 'Those with the most requests first; 1,000 at most.' }),
    left_out: Count.meta({ description: 'Rows beyond those.' }),
    drift: z
      .record(z.string(), Drift)
      .meta({ description: 'By team, over all time: whether misses of canaries have become more frequent.' }),
    policy: z
      .object({ allowed: Count, denied: Count, granted: Count })
      .meta({ description: 'What no human was asked about: outside every rate.' }),
    ...Progress,
  })
  .meta({ id: 'Figures' });
export type Figures = z.infer<typeof Figures>;

export const Trend = z
  .object({
    window: Window,
    days: z.array(
      z.object({
        at: z.iso.datetime(),
        requests: RequestCounts,
        approval: Estimate,
        timeouts: Estimate,
        too_fast: Estimate,
        catches: Estimate,
      }),
    ),
    ...Progress,
  })
  .meta({ id: 'Trend' });
export type Trend = z.infer<typeof Trend>;

export const LoadFigures = z
  .object({
    window: Window,
    load: z.union([
      z.object({
        enough: z.literal(true),
        hours: z.number(),
        arrivals_an_hour: z.number(),
        on_duty: z.number().meta({ description: 'People at work, on average over all hours.' }),
        busy: z.number().nullable().meta({
          description:
            'Share of their time that handling takes. Above 0.8 waits grow without bound; null: nobody was there.',
        }),
        too_busy: z.boolean(),
      }),
      TooFew,
    ]),
    handling_ms: z.number().nullable().meta({
      description:
        'Mean of what a verdict took. Null where fewer than five people gave one: it would be about them.',
    }),
    wait: Spread,
    hours: z
      .array(
        z.object({
          at: z.iso.datetime(),
          arrived: Count,
          decided: Count,
          timed_out: Count,
          on_duty: Count.meta({ description: 'People who opened or decided something in that hour.' }),
          wait_median_ms: z.number().nullable(),
        }),
      )
      .meta({ description: 'Hours in which something happened.' }),
    ...Progress,
  })
  .meta({ id: 'LoadFigures' });
export type LoadFigures = z.infer<typeof LoadFigures>;

const Own = z.object({
  verdicts: Count,
  approved: Count,
  edited: Count,
  rejected: Count,
  approval: Estimate,
  time: Spread,
  pace: Spread,
  too_fast: Estimate,
});

export const Mine = z
  .object({
    window: Window,
    person: z.string(),
    all: Own,
    tools: z.array(Own.extend({ tool: z.string() })),
    streak: z
      .object({ now: Count, longest: Count })
      .meta({ description: 'Approvals in a row, over all time.' }),
    session_drift: Difference,
    catches: Estimate,
    links: Links,
    ...Progress,
  })
  .meta({ id: 'Mine' });
export type Mine = z.infer<typeof Mine>;
