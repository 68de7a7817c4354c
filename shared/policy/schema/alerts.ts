/** Alerts as they are written (G5). */
import { z } from 'zod';
import { Tier } from '../../contracts/index.ts';
import { ALERTS, type Alerts } from '../alerts.ts';
import { closed, oneOf } from './value.ts';

const urgency = oneOf(Tier.options).exactOptional();
const share = (from: number, to: number, error: string) =>
  z.number({ error }).min(from, error).max(to, error).exactOptional();

const kind = <Shape extends z.ZodRawShape>(shape: Shape, members: string) =>
  z
    .union([z.literal('off'), closed({ urgency, ...shape })], { error: `Write off, or {${members}}.` })
    .exactOptional();

export const alerts = z.union(
  [
    z.literal('off'),
    closed({
      timeouts: kind(
        { times: share(1.2, 20, 'Write how many times the usual share, from 1.2 to 20.') },
        'urgency, times',
      ),
      catch_rate: kind({}, 'urgency'),
      always_approved: kind(
        { above: share(0.9, 0.999, 'Write a share from 0.9 to 0.999.') },
        'urgency, above',
      ),
      flooding: kind({}, 'urgency'),
      load: kind(
        { above: share(0.3, 1, 'Write a share of reviewers’ time from 0.3 to 1.') },
        'urgency, above',
      ),
    }),
  ],
  { error: 'Write off, or {timeouts, catch_rate, always_approved, flooding, load}.' },
);
export type WrittenAlerts = z.infer<typeof alerts>;

/** With defaults for what was not written. */
export function alertsOf(written: WrittenAlerts): Alerts {
  if (written === 'off')
    return { timeouts: null, catch_rate: null, always_approved: null, flooding: null, load: null };
  const { timeouts, catch_rate, always_approved, flooding, load } = written;
  return {
    timeouts: timeouts === 'off' ? null : { ...ALERTS.timeouts, ...timeouts },
    catch_rate: catch_rate === 'off' ? null : { ...ALERTS.catch_rate, ...catch_rate },
    always_approved: always_approved === 'off' ? null : { ...ALERTS.always_approved, ...always_approved },
    flooding: flooding === 'off' ? null : { ...ALERTS.flooding, ...flooding },
    load: load === 'off' ? null : { ...ALERTS.load, ...load },
  };
}
