/** The programme of canaries, as an admin announces it. Without one nothing is planted (docs/canaries.md). */
import { nameMatcher } from './glob.ts';
import type { WrittenProgramme } from './schema/programme.ts';

/** The share of reviews at which attention is measured without being spent: 1 to 2 in a hundred. */
const usualRate = 0.01;

export type Programme = {
  /** The day on which everybody was told, `2026-11-22`: nothing is planted before it begins, in UTC. */
  announced: string;
  /** How many are planted for each review of tier medium or above. */
  rate: number;
  concerns: (tool: string) => boolean;
};

/** The programme as a file states it; undefined where it is switched off. */
export function programmeOf(written: WrittenProgramme): Programme | undefined {
  if (written.enabled === false) return undefined;
  const { announced, rate = usualRate, tools = ['*'] } = written;
  return { announced, rate, concerns: nameMatcher(tools) };
}

/** Whether it runs at this moment, in ms: it has been announced. */
export function isRunning(programme: Programme | undefined, now: number): programme is Programme {
  return programme !== undefined && Date.parse(programme.announced) <= now;
}
