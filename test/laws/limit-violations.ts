/**
 * Whether a limit that counts calls was kept, judged by the feed alone: what was let through and what was asked, in the
 * order in which Redis committed it.
 */
import type { Snapshot } from './snapshot.ts';

const ends = new Set(['request.rejected', 'request.timed_out', 'request.cancelled', 'request.revoked']);

/**
 * Says each call that was let through though `over` others were counted, and each that was asked about though there was
 * room. `window` and times are Redis ms. Every call of the feed is taken for one that the limit concerns.
 */
export function limitViolations({ feed }: Pick<Snapshot, 'feed'>, over: number, window: number): string[] {
  const counted = new Map<string, number>();
  const violations: string[] = [];
  for (const { type, at, committed, request_id: id = '' } of feed) {
    const within = (now: number) => [...counted.values()].filter((time) => time > now - window).length;
    if (type === 'action.allowed') {
      // By the time of the commit, which is the later one: less is in the window then.
      if (within(committed) + 1 > over)
        violations.push(`${id} was let through as number ${within(committed) + 1}`);
      counted.set(id, at);
    } else if (type === 'request.created') {
      if (within(at) + 1 <= over) violations.push(`${id} was asked about as number ${within(at) + 1}`);
      counted.set(id, at);
    } else if (ends.has(type)) counted.delete(id);
  }
  return violations;
}
