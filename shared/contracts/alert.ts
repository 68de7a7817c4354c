/** Alerts: what leads are told of unasked (G5). One stands from when it is raised until what raised it is over. */
import { z } from 'zod';
import { ReadingOf } from './figure.ts';
import { Tier } from './names.ts';

export const AlertKind = z.enum(['timeouts', 'catch_rate', 'always_approved', 'flooding', 'load']).meta({
  description:
    '`timeouts`: far more than usual. `catch_rate`: fewer canaries are caught. `always_approved`: surely nearly everything. `flooding`: an agent was held back. `load`: more than the reviewers can read.',
});
export type AlertKind = z.infer<typeof AlertKind>;

const Count = z.number().int().nonnegative();
const Share = z.number().min(0).max(1);
const Portion = z.object({ k: Count, n: Count, rate: Share, low: Share, high: Share });

/** What an alert is about: a cell of the figures, a team, or an agent. Never a person. */
export const AlertAbout = z
  .object({
    tool: z.string().optional(),
    rules: z.array(z.string()).optional().meta({ description: 'Those that asked; empty: the default.' }),
    tier: Tier.optional(),
    team: z.string().optional().meta({ description: 'As in the figures; absent: all of them.' }),
    agent: z.string().optional(),
  })
  .meta({ id: 'AlertAbout' });
export type AlertAbout = z.infer<typeof AlertAbout>;

/** The figures that it rests on, by its kind. */
export const AlertFigures = z
  .object({
    share: Portion.optional().meta({
      description:
        'Timed out in the last 24 hours; canaries caught, or calls approved, in the last 30 days. With its 95% interval: of `always_approved` the one for what is watched all the time.',
    }),
    usual: z
      .object({ k: Count, n: Count, rate: Share, days: Count })
      .optional()
      .meta({ description: 'Of timeouts: the 28 days before.' }),
    chance: Share.optional().meta({
      description: 'That so many come where nothing has changed.',
    }),
    reading: ReadingOf.shape.reading.optional().meta({ description: 'Of `always_approved`.' }),
    busy: z
      .object({ rate: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() })
      .optional()
      .meta({ description: 'The share of reviewers’ time that is taken up; null: nobody is there.' }),
    arrivals: Count.optional(),
    hours: Count.optional(),
    on_duty: z.number().optional(),
    since: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When the drift alarm came, or when the agent was held back last.' }),
    times: Count.optional().meta({ description: 'How often the agent was held back.' }),
    why: z.enum(['asks', 'rejections']).optional(),
    paused: z.boolean().optional().meta({ description: 'It is frozen until somebody lifts that.' }),
    until: z.iso.datetime().optional().meta({ description: 'Until when it may ask nobody.' }),
  })
  .meta({ id: 'AlertFigures' });
export type AlertFigures = z.infer<typeof AlertFigures>;

export const Alert = z
  .object({
    id: z.string(),
    kind: AlertKind,
    status: z.enum(['raised', 'cleared']),
    urgency: Tier,
    about: AlertAbout,
    figures: AlertFigures.meta({ description: 'As they were when it was raised.' }),
    raised_at: z.iso.datetime(),
    cleared_at: z.iso.datetime().optional(),
    cleared_because: z
      .enum(['over', 'switched_off'])
      .optional()
      .meta({ description: '`switched_off`: policy no longer asks for it.' }),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof Alert>;

/** An alert as it is shown: with what it says in words, and where more of it is found. */
export const AlertView = Alert.extend({
  title: z.string(),
  found: z.array(z.object({ name: z.string(), value: z.string() })),
  advice: z.array(z.string()).meta({ description: 'What to do about it.' }),
  page: z.string().meta({ description: 'Of the web page and the extension, from the `#` on.' }),
}).meta({ id: 'AlertView' });
export type AlertView = z.infer<typeof AlertView>;

export const AlertList = z
  .object({
    open: z.array(AlertView).meta({ description: 'The newest first.' }),
    recent: z.array(AlertView).meta({
      description: 'Cleared within 40 days, of each thing the last: all of them are in the sealed log.',
    }),
    log: z.string().meta({ description: 'The call that finds every alert in the sealed log.' }),
  })
  .meta({ id: 'AlertList' });
export type AlertList = z.infer<typeof AlertList>;

/** Whether an id is an alert's: it is told of as a request is, by a record of the same kind. */
export const isAlertId = (id: string): boolean => id.startsWith('alr_');
