/** The sealed log: its entries, the proof of one, and what is erased beside it. */
import { z } from 'zod';
import { Id } from './admin.ts';

const Index = z.number().int().nonnegative();

export const AuditQuery = z.object({
  from: z.coerce.number().int().nonnegative().default(0).meta({ description: 'Index of the first entry.' }),
  to: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'Index before which it ends; without it, as far as the log goes.' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** An entry, with what lies beside the log and is not part of it. */
export const AuditEntry = z
  .object({
    index: Index,
    entry: z
      .looseObject({ type: z.string(), at: z.number(), seq: Index })
      .meta({ description: 'As it is sealed: pseudonyms stand for people.' }),
    names: z
      .record(z.string(), z.string())
      .meta({ description: 'Whom its pseudonyms stand for. Those that are not here have been erased.' }),
    texts: z
      .array(z.object({ commitment: z.string(), text: z.string() }))
      .meta({ description: 'What it commits to, as far as that was not erased: `sha256:` of the text.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditEntries = z
  .object({
    origin: z.string().meta({ description: 'The name of the log.' }),
    size: Index.meta({ description: 'How many entries its newest checkpoint covers.' }),
    items: z.array(AuditEntry),
    next: Index.optional().meta({ description: 'Where the next page begins. Absent: this was the last.' }),
  })
  .meta({ id: 'AuditEntries' });
export type AuditEntries = z.infer<typeof AuditEntries>;

export const ProofQuery = z.object({
  entry: z.coerce.number().int().nonnegative().optional().meta({
    description: 'Index of an entry of this request. Without it: that of the decision, else the newest.',
  }),
});
export type ProofQuery = z.infer<typeof ProofQuery>;

export const RequestProof = z
  .object({
    request_id: z.string(),
    index: Index,
    size: Index.meta({ description: 'Of the log, under the checkpoint that the proof holds.' }),
    type: z.string().meta({ description: 'What kind of event the entry is of.' }),
    entry: z.string().meta({ description: 'The entry, to the byte: its UTF-8 is what the proof is of.' }),
    proof: z.string().meta({ description: 'A `.tlog-proof` (C2SP tlog-proof), the checkpoint included.' }),
  })
  .meta({ id: 'RequestProof' });
export type RequestProof = z.infer<typeof RequestProof>;

/** What is to be erased: the texts of a request, or the name of a person in the log. */
export const Erase = z
  .union([z.strictObject({ request_id: z.string().min(1).max(100) }), z.strictObject({ person: Id })])
  .meta({ id: 'Erase' });
export type Erase = z.infer<typeof Erase>;

export const Erasing = z
  .object({
    texts: z.number().int().meta({
      description:
        'How many texts of it the store held. They are gone; what lies beside the log goes when this is sealed.',
    }),
  })
  .meta({ id: 'Erasing' });
export type Erasing = z.infer<typeof Erasing>;
