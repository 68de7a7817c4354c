/** `canaries` in a policy file. */
import { z } from 'zod';
import { closed, globs } from './value.ts';

const DAY = 'Write the day on which everybody was told of it, such as 2026-11-22.';
const RATE =
  'Write a share from 0.001 to 0.02: more than 2 in a hundred reviews would cost the attention that it measures.';

export const programme = closed({
  announced: z.iso.date({ error: DAY }),
  rate: z.number({ error: RATE }).min(0.001, RATE).max(0.02, RATE).exactOptional(),
  tools: globs('tools').exactOptional(),
  enabled: z.boolean({ error: 'Write true or false.' }).exactOptional(),
});
export type WrittenProgramme = z.infer<typeof programme>;
