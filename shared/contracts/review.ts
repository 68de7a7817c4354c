/** `review_after`: what ran already, and what a reviewer says of it afterwards. */
import { z } from 'zod';
import { Reason, Seen } from './decide.ts';
import { RequestView } from './request-view.ts';

/** What is said of a call that ran: it looks fine, or it is to be undone, and then why. */
export const Review = z
  .discriminatedUnion('verdict', [
    z.strictObject({ verdict: z.literal('fine'), reason: Reason.optional(), seen: Seen }),
    z.strictObject({ verdict: z.literal('undo'), reason: Reason.min(1), seen: Seen }),
  ])
  .meta({ id: 'Review' });
export type Review = z.infer<typeof Review>;

/** Calls of one agent and tool that went well, to be marked in one go. */
export const ReviewBatch = z
  .object({
    id: z.string().meta({ description: 'Stands for exactly these rows; kept for an hour.' }),
    agent: z.string(),
    tool: z.string(),
    rows: z.array(z.string()).meta({ description: 'Ids of requests among `items`.' }),
    must_open: z.array(z.string()).meta({
      description: 'Rows that this reviewer has to open before the batch is marked, drawn by chance.',
    }),
  })
  .meta({ id: 'ReviewBatch' });
export type ReviewBatch = z.infer<typeof ReviewBatch>;

export const Reviews = z
  .object({
    items: z.array(RequestView).meta({
      description: 'Undos that are not done yet, then what ran, the end of its window first.',
    }),
    batches: z.array(ReviewBatch),
    next_cursor: z.string().optional(),
    counts: z.object({
      total: z.number().int(),
      undo_requested: z.number().int().meta({ description: 'Of these, undos that the agent has not done.' }),
    }),
  })
  .meta({ id: 'Reviews' });
export type Reviews = z.infer<typeof Reviews>;

export const ReviewMany = z
  .strictObject({
    items: z
      .array(z.strictObject({ id: z.string().max(100), seen: Seen }))
      .min(1)
      .max(50),
    batch: z.string().max(100).meta({
      description: 'The batch they were shown in: only its rows, and only after its rows were opened.',
    }),
  })
  .meta({ id: 'ReviewMany' });
export type ReviewMany = z.infer<typeof ReviewMany>;
