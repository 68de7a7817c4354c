/** The history: what the sealed log holds, found by what is known of it. */
import { z } from 'zod';
import { AuditEntry } from './audit.ts';
import { Status, Tier } from './names.ts';

const Word = z.string().min(1).max(200).optional();
const Time = z.iso.datetime({ offset: true }).optional();
const Index = z.number().int().nonnegative();

export const HistoryQuery = z.object({
  of: z.enum(['requests', 'entries']).default('requests').meta({
    description: 'One item for each request, as the log tells of it as a whole; or one for each entry.',
  }),
  format: z.enum(['json', 'jsonl', 'csv']).default('json').meta({
    description: 'A page; or everything that is found, as a stream, the oldest first.',
  }),
  status: Status.optional().meta({ description: 'That a request has now; of an entry, after it.' }),
  tier: Tier.optional(),
  agent: Word,
  tool: Word,
  rule: Word.meta({ description: 'A rule that asked for it.' }),
  reviewer: Word.meta({
    description: 'By name: who gave a verdict on the request; of an entry, who caused it.',
  }),
  group: Word.meta({ description: 'A group that was asked to decide, may since, or was told of it.' }),
  type: Word.meta({ description: 'A kind of event.' }),
  request_id: Word,
  from: Time.meta({ description: 'Made from then on; of an entry, caused from then on.' }),
  to: Time.meta({ description: 'The same, before then.' }),
  q: Word.meta({
    description:
      'Words that all stand in one text of the request (arguments, what agent and reviewer said) or in the entry, without regard to case. Texts that were erased are not searched.',
  }),
  cursor: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .meta({ description: '`next_cursor` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/** A request as the log tells of it. */
export const HistoryRequest = z
  .object({
    request_id: z.string(),
    agent: z.string().nullable(),
    tool: z.string().nullable(),
    tier: z.string().nullable(),
    status: z.string().nullable(),
    rules: z.array(z.string()),
    reviewers: z.array(z.string()).meta({ description: 'Who gave a verdict, by pseudonym.' }),
    names: z
      .record(z.string(), z.string())
      .meta({ description: 'Whom the pseudonyms stand for, unless erased.' }),
    created_at: z.iso.datetime(),
    decided_at: z.iso.datetime().nullable(),
    entries: z
      .object({ first: Index, decision: Index.nullable(), last: Index })
      .meta({ description: 'Indexes in the log: the first about it, its decision, the newest.' }),
  })
  .meta({ id: 'HistoryRequest' });
export type HistoryRequest = z.infer<typeof HistoryRequest>;

export const HistoryPage = z
  .object({
    items: z.array(z.union([HistoryRequest, AuditEntry.omit({ texts: true })])),
    next_cursor: Index.optional(),
    searched: Index.meta({ description: 'How many entries were searched.' }),
    sealed: Index.meta({
      description: 'How many there are: more than were searched while they are taken in.',
    }),
  })
  .meta({ id: 'HistoryPage' });
export type HistoryPage = z.infer<typeof HistoryPage>;
