/**
 * What stands in the queue, by channel. Read off the names of the jobs, so that no delivery pays for its being counted;
 * and of many jobs off the names of some, so that no reading holds up the queue.
 */
import type { DeliveryQueue } from './queue.ts';

export type Standing = {
  channel: string;
  /** `waiting` for a place, `active`: under way, `delayed` until its next attempt or its turn. */
  state: 'waiting' | 'active' | 'delayed';
  /** Estimated where there were too many to look at all of them. */
  count: number;
  /** When the oldest event among those that were looked at happened, ms. */
  oldest: number;
};

/** The jobs of one of BullMQ's states: how many there are, and the ids of those that come next. */
export type Jobs = { total: number; ids: readonly string[] };

const states = { waiting: ['waiting', 'prioritized'], active: ['active'], delayed: ['delayed'] } as const;
type State = (typeof states)[Standing['state']][number];

/** How many jobs of a state are looked at, at most. */
const most = 2_000;

/** Sums up jobs of one state by what their ids say: see `jobIdOf`. What was not looked at is taken to be like the rest. */
export function standingOf(state: Standing['state'], parts: readonly Jobs[]): Standing[] {
  const standing = new Map<string, Standing>();
  for (const { total, ids } of parts) {
    for (const id of ids) {
      const [, ms, channel] = /^[^_]*_(\d+)-\d+_([a-z]+)-/.exec(id) ?? [];
      if (channel === undefined) continue;
      const known = standing.get(channel) ?? { channel, state, count: 0, oldest: Number(ms) };
      known.count += Math.max(1, total / ids.length);
      known.oldest = Math.min(known.oldest, Number(ms));
      standing.set(channel, known);
    }
  }
  return [...standing.values()].map((each) => ({ ...each, count: Math.round(each.count) }));
}

/** Reads the queue. Rejects when Redis is away. */
export async function readBacklog(queue: DeliveryQueue): Promise<Standing[]> {
  const jobs = async (state: State): Promise<Jobs> => {
    const [total, ids] = await Promise.all([
      queue.getJobCountByTypes(state),
      queue.getRanges([state], 0, most - 1, true),
    ]);
    return { total, ids };
  };
  const read = async (state: Standing['state']) =>
    standingOf(state, await Promise.all(states[state].map(jobs)));
  return (await Promise.all([read('waiting'), read('active'), read('delayed')])).flat();
}
