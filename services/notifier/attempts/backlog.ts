/** What stands in the queue, by channel. Read off the names of the jobs, so that no delivery pays for its being counted. */
import type { DeliveryQueue } from './queue.ts';

export type Standing = {
  channel: string;
  /** `waiting` for a place, `active`: under way, `delayed` until its next attempt or its turn. */
  state: 'waiting' | 'active' | 'delayed';
  count: number;
  /** When the oldest event among them happened, ms. */
  oldest: number;
};

const states = { waiting: ['waiting', 'prioritized'], active: ['active'], delayed: ['delayed'] } as const;

/** Sums up jobs of one state by what their ids say: see `jobIdOf`. */
export function standingOf(state: Standing['state'], jobIds: readonly string[]): Standing[] {
  const standing = new Map<string, Standing>();
  for (const id of jobIds) {
    const [, ms, channel] = /^[^_]*_(\d+)-\d+_([a-z]+)-/.exec(id) ?? [];
    if (channel === undefined) continue;
    const known = standing.get(channel) ?? { channel, state, count: 0, oldest: Number(ms) };
    known.count += 1;
    known.oldest = Math.min(known.oldest, Number(ms));
    standing.set(channel, known);
  }
  return [...standing.values()];
}

/** Reads the queue. Rejects when Redis is away. */
export async function readBacklog(queue: DeliveryQueue): Promise<Standing[]> {
  const read = async (state: Standing['state']) =>
    standingOf(state, await queue.getRanges([...states[state]], 0, -1));
  return (await Promise.all([read('waiting'), read('active'), read('delayed')])).flat();
}
