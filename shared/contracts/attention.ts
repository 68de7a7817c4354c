/** What a surface measured of a reviewer's attention: a claim of a client, which feeds figures and decides nothing. */
import { z } from 'zod';

/** Where the card was on the screen. */
export const Surface = z.enum(['popup', 'side_panel', 'page', 'web']);
export type Surface = z.infer<typeof Surface>;

/** Parts of a card that are folded until somebody opens them. */
export const CardSection = z.enum(['payload', 'raw', 'why', 'background', 'agent', 'run', 'conversation']);
export type CardSection = z.infer<typeof CardSection>;

/** A claim of more than a week says nothing about reading, ms. */
const mostMs = 7 * 86_400_000;
const Ms = z.number().int().nonnegative().max(mostMs);

/**
 * Time in view and what was opened; never keystrokes, pointers or feelings. Unknown members are dropped: a surface that
 * measures more than this server knows must not lose its verdict over it, and what nobody defined is not kept.
 */
export const Attention = z
  .object({
    surface: Surface.optional(),
    visible_ms: Ms.optional().meta({
      description:
        'How long this version of the card was in view and in focus, added up over its surfaces, ms.',
    }),
    since_shown_ms: Ms.optional().meta({ description: 'How long ago it was first shown there, ms.' }),
    opened: z.array(CardSection).max(CardSection.options.length).optional().meta({
      description: 'Parts of the card that were opened.',
    }),
    values_opened: z.number().int().nonnegative().max(10_000).optional().meta({
      description: 'How many long, covered or folded values were opened.',
    }),
  })
  .meta({
    id: 'Attention',
    description:
      'What the surface measured: a claim, feeds figures only. Times are held to what has passed since the request was made.',
  });
export type Attention = z.infer<typeof Attention>;

/** Of a batch as one: its rows are looked at together, so nobody can say how long one of them was. */
export const BatchAttention = z
  .object({
    surface: Surface.optional(),
    visible_ms: Ms.optional().meta({
      description: 'How long the batch was in view and in focus, its opened rows included, ms.',
    }),
    since_shown_ms: Ms.optional().meta({ description: 'How long ago it was first shown, ms.' }),
    opened: z.array(z.string().max(100)).max(50).optional().meta({
      description: 'Those of its rows that this reviewer has opened, by request.',
    }),
  })
  .meta({
    id: 'BatchAttention',
    description:
      'What the surface measured of a batch as one decision: a claim, feeds figures only. On record with each verdict of the batch.',
  });
export type BatchAttention = z.infer<typeof BatchAttention>;
