/** Agents that have asked people too much. */
import { z } from 'zod';

export const Throttle = z
  .object({
    agent: z.string(),
    why: z.enum(['asks', 'rejections']),
    words: z.string().meta({ description: 'Why, in a sentence.' }),
    since: z.iso.datetime(),
    until: z.iso.datetime(),
  })
  .meta({ id: 'Throttle' });
export type Throttle = z.infer<typeof Throttle>;
