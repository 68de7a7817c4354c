/**
 * Drills: practice that is openly practice. A reviewer decides some forty cards, half of them wrong, and is told at
 * once of each; nothing on them is a request, and nobody else is told how it went (oversight.md, "Canaries and drills").
 */
import { z } from 'zod';
import { MutationKind } from './canary.ts';
import { Confirm, Seen } from './decide.ts';
import { Json } from './json.ts';
import { Verdict } from './names.ts';
import { RequestView } from './request-view.ts';

const Time = z.iso.datetime();
const Difficulty = z.enum(['plain', 'buried']);
const Count = z.number().int();

/** As many cards as a drill has where enough can be made: the length that the evidence is of. */
export const drillCards = 40;

export const StartDrill = z
  .strictObject({
    cards: z
      .number()
      .int()
      .min(2)
      .max(drillCards)
      .default(drillCards)
      .meta({ description: 'Fewer, where there is not the time for all.' }),
  })
  .meta({ id: 'StartDrill' });

export const DrillCard = z
  .object({
    number: Count.meta({ description: 'Its place in the drill, from 1.' }),
    request: RequestView.meta({
      description:
        'What a real card shows. Its `id` names no request: no other call knows it. It does not expire.',
    }),
  })
  .meta({ id: 'DrillCard' });
export type DrillCard = z.infer<typeof DrillCard>;

/** Counts of cards by what was right: one's own, and nobody else's to see. */
export const DrillResult = z
  .object({
    id: z.string(),
    started_at: Time,
    ended_at: Time,
    why: z.enum(['finished', 'stopped', 'lapsed']).meta({
      description:
        '`stopped` by the reviewer; `lapsed`: not gone on with for a week. A drill is `finished` with fewer cards where what some were made from is gone.',
    }),
    cards: Count,
    answered: Count,
    wrong: z.object({
      n: Count.meta({ description: 'Answered cards with something wrong.' }),
      found: Count,
      kinds: z.array(z.object({ kind: MutationKind, n: Count, found: Count })),
      depths: z.array(z.object({ difficulty: Difficulty, n: Count, found: Count })),
    }),
    right: z.object({
      n: Count.meta({ description: 'Answered cards with nothing wrong.' }),
      approved: Count,
    }),
  })
  .meta({ id: 'DrillResult' });
export type DrillResult = z.infer<typeof DrillResult>;

export const Drill = z
  .object({
    id: z.string(),
    started_at: Time,
    cards: Count,
    answered: Count,
    card: DrillCard.optional().meta({
      description:
        'The one to be decided; absent once it has ended, or where what was left can no longer be made: stop it.',
    }),
    result: DrillResult.optional().meta({ description: 'Once it has ended.' }),
  })
  .meta({ id: 'Drill' });
export type Drill = z.infer<typeof Drill>;

export const Drills = z
  .object({
    drill: Drill.nullable().meta({ description: 'The one that is under way.' }),
    past: z.array(DrillResult).meta({ description: 'One’s latest, newest first; kept for 90 days.' }),
  })
  .meta({ id: 'Drills' });
export type Drills = z.infer<typeof Drills>;

export const AnswerDrill = z
  .strictObject({
    card: z.number().int().positive(),
    verdict: Verdict,
    seen: Seen,
    confirm: Confirm.optional(),
  })
  .meta({ id: 'AnswerDrill' });
export type AnswerDrill = z.infer<typeof AnswerDrill>;

/** Where a value is said that an argument can be held against. */
export const DrillWitness = z
  .object({
    in: z.enum(['reason', 'summary', 'argument', 'context', 'preview', 'transcript']),
    path: z.string().optional().meta({ description: 'Dotted, within it.' }),
    says: z
      .string()
      .optional()
      .meta({ description: 'The sentence or value that names it, as it stands there.' }),
  })
  .meta({ id: 'DrillWitness' });
export type DrillWitness = z.infer<typeof DrillWitness>;

export const DrillFeedback = z
  .object({
    card: Count,
    verdict: Verdict,
    wrong: z.boolean().meta({ description: 'Something was wrong with the card.' }),
    correct: z.boolean().meta({ description: 'It was rejected and wrong, or approved and right.' }),
    path: z
      .string()
      .optional()
      .meta({ description: 'The argument that was wrong; of a right card, the one to check.' }),
    shown: Json.optional(),
    right: Json.optional().meta({ description: 'What should have stood there; only where it was wrong.' }),
    kind: MutationKind.optional().meta({ description: 'Only where it was wrong.' }),
    difficulty: Difficulty.optional(),
    look: z.string().optional().meta({
      description:
        'Where to look, in the words of whoever wrote it. Only of cards from a library that were wrong.',
    }),
    against: DrillWitness.optional().meta({ description: 'What to hold it against.' }),
  })
  .meta({
    id: 'DrillFeedback',
    description: 'Without `path` where the card can no longer be made, since what it was made from is gone.',
  });
export type DrillFeedback = z.infer<typeof DrillFeedback>;

export const DrillAnswered = z
  .object({ feedback: DrillFeedback, drill: Drill })
  .meta({ id: 'DrillAnswered' });
export type DrillAnswered = z.infer<typeof DrillAnswered>;

/** What a lead sees of drills: how many of a team took part. Who, and how it went, is theirs. */
export const DrillTeams = z
  .object({
    since: Time,
    teams: z.array(
      z.object({
        team: z.string().nullable().meta({ description: 'A group; null: all reviewers.' }),
        people: Count,
        finished: Count.meta({ description: 'Of whom so many finished a drill since.' }),
      }),
    ),
  })
  .meta({ id: 'DrillTeams', description: 'Teams of fewer than five are left out.' });
export type DrillTeams = z.infer<typeof DrillTeams>;
