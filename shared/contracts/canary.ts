/** What the person who answered a planted request is told, once and at once: that it was a test, and what to look for. */
import { z } from 'zod';
import { Json } from './json.ts';

/** What is wrong with a planted request. */
export const MutationKind = z.enum(['extra_zero', 'other_recipient', 'other_id', 'other_value']);
export type MutationKind = z.infer<typeof MutationKind>;

export const CanaryReveal = z
  .object({
    caught: z.boolean().meta({ description: 'It was rejected, or the wrong value was edited.' }),
    kind: MutationKind,
    path: z.string().meta({ description: 'Dotted path of the argument that was wrong.' }),
    shown: Json.optional().meta({ description: 'What stood there.' }),
    right: Json.optional().meta({ description: 'What it would have been. Absent once erased.' }),
    look: z.string().optional().meta({
      description: 'Where to look, in the words of whoever wrote it. Only of canaries from a library.',
    }),
    difficulty: z.enum(['plain', 'buried']).meta({
      description:
        '`plain`: the agent’s reason or summary said otherwise; `buried`: its context or another argument did.',
    }),
  })
  .meta({ id: 'CanaryReveal' });
export type CanaryReveal = z.infer<typeof CanaryReveal>;

export const CanaryProgramme = z
  .object({
    announced: z.iso.date().nullable().meta({
      description: 'The day on which everybody was told. Null: policy announces no programme.',
    }),
    running: z.boolean(),
    rate: z.number().optional().meta({
      description: 'How many are planted for each review of tier medium or above, at most.',
    }),
    stopped: z.object({ by: z.string(), at: z.iso.datetime() }).optional().meta({
      description: 'A lead or an admin has stopped it; absent where nobody has.',
    }),
    may_switch: z.boolean().meta({ description: 'Whether this key may stop it, or let it go on.' }),
  })
  .meta({ id: 'CanaryProgramme' });
export type CanaryProgramme = z.infer<typeof CanaryProgramme>;

export const SwitchCanaries = z.strictObject({ stopped: z.boolean() }).meta({ id: 'SwitchCanaries' });
export type SwitchCanaries = z.infer<typeof SwitchCanaries>;
