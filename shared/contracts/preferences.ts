/** `/v1/preferences`: what may interrupt a reviewer, by which channel and when. One record for every part that tells. */
import { z } from 'zod';
import { Id } from './admin.ts';
import { Tier } from './names.ts';

/** Ways to reach one person. `push`: this person's browsers, as a notification of the system. */
export const PersonalChannel = z.enum(['push', 'email', 'slack', 'teams', 'sms', 'pagerduty']);
export type PersonalChannel = z.infer<typeof PersonalChannel>;

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;

/** A time of day on a 24-hour clock, in the person's time zone. */
export const ClockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'HH:MM on a 24-hour clock');

const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'a time zone of the IANA database, such as Europe/Berlin');

const channels = z.array(PersonalChannel).max(PersonalChannel.options.length);

/** From `from` until `to`, past midnight where `to` is not later; `days` are those on which it begins, absent is every day. */
export const QuietHours = z.strictObject({
  days: z.array(Weekday).min(1).max(7).optional(),
  from: ClockTime,
  to: ClockTime,
});
export type QuietHours = z.infer<typeof QuietHours>;

export const Preferences = z
  .strictObject({
    channels: z
      .strictObject({ low: channels, medium: channels, high: channels, critical: channels })
      .default({
        low: [],
        medium: [],
        high: ['push', 'email'],
        critical: ['push', 'email'],
      })
      .meta({ description: 'What interrupts at once, by tier. What is in no list waits for the digest.' }),
    opens_from: Tier.nullable()
      .default('high')
      .meta({ description: 'The card opens itself from this tier on, where it interrupts; null is never.' }),
    sound: z.boolean().default(true),
    quiet_hours: z
      .array(QuietHours)
      .max(20)
      .default([])
      .meta({ description: 'Only critical requests interrupt within these.' }),
    time_zone: TimeZone.default('UTC'),
    digest_at: z
      .array(ClockTime)
      .max(24)
      .default([])
      .meta({ description: 'When to tell, in one notice, of what did not interrupt.' }),
    absence: z
      .strictObject({
        from: z.iso.datetime({ offset: true }),
        until: z.iso.datetime({ offset: true }),
        delegate: Id.optional(),
      })
      .optional()
      .meta({ description: 'Away: not told of anything; `delegate` names who looks instead.' }),
  })
  .meta({ id: 'Preferences' });
export type Preferences = z.infer<typeof Preferences>;

/** The same as they are sent: what is left out takes its default. */
export const PutPreferences = Preferences.extend({}).meta({ id: 'PutPreferences' });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
