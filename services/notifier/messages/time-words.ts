/** Time as a letter says it: it is read later than it was written, so a span never stands without its moment. */
import type { RequestView } from '@countersign/shared/contracts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const counted = (amount: number, unit: string): string => `${amount} ${unit}${amount === 1 ? '' : 's'}`;

/** `9 minutes`, `2 hours 5 minutes`, `3 days 4 hours`. Rounded down, so that a deadline is never nearer than said. */
export function spanInWords(ms: number): string {
  const part = (amount: number, unit: string): string[] => (amount === 0 ? [] : [counted(amount, unit)]);
  if (ms < minute) return 'less than a minute';
  if (ms < hour) return counted(Math.floor(ms / minute), 'minute');
  if (ms < day)
    return [counted(Math.floor(ms / hour), 'hour'), ...part(Math.floor((ms % hour) / minute), 'minute')].join(
      ' ',
    );
  return [counted(Math.floor(ms / day), 'day'), ...part(Math.floor((ms % day) / hour), 'hour')].join(' ');
}

/** `Sat 21 Nov, 20:41 UTC`: the moment on the reader's own wall. */
export function momentInWords(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  return format.format(at);
}

/** Until when it waits, and what happens then. */
export function deadlineOf(
  { expires_at, on_rejection }: Pick<RequestView, 'expires_at' | 'on_rejection'>,
  { now, timeZone }: { now: number; timeZone: string },
): string {
  if (expires_at === null) return 'It waits until somebody decides.';
  const at = Date.parse(expires_at);
  const then =
    on_rejection === 'fail'
      ? 'then it is rejected and the agent stops'
      : 'then it is rejected and the agent goes on without it';
  const left = at <= now ? 'over now' : `${spanInWords(at - now)} after this was sent`;
  return `Decide by ${momentInWords(at, timeZone)} (${left}); ${then}.`;
}
