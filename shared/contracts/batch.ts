/** Like, harmless requests looked at together, and several decisions in one call. */
import { z } from 'zod';
import { Attention, BatchAttention } from './attention.ts';
import { Confirm, Reason, Seen } from './decide.ts';
import { Json } from './json.ts';
import { OnRejection, Verdict } from './names.ts';
import { ProblemDocument } from './problem.ts';
import { CardSegment, RequestView } from './request-view.ts';

const Time = z.iso.datetime();
const Path = z.string().meta({ description: 'JSON Pointer (RFC 6901) into the arguments.' });
const Title = z.array(CardSegment).optional().meta({ description: "The tool's card, where policy has one." });

/** Why a request that belongs to the group is reviewed alone. `path` is the value that stands out. */
export const LeftOutReason = z.enum(['far_value', 'rare_value', 'new_recipient', 'long_text', 'over_cap']);
export type LeftOutReason = z.infer<typeof LeftOutReason>;

export const BatchRow = z.object({
  id: z.string(),
  version: z.number().int(),
  args_digest: z.string(),
  title: Title,
  values: z.array(Json).meta({ description: 'One for each of `columns`.' }),
  expires_at: Time.nullable(),
  must_open: z.boolean().meta({ description: 'To be opened by this reviewer before any row is approved.' }),
  opened: z.boolean(),
});
export type BatchRow = z.infer<typeof BatchRow>;

/** What the rows add up to in one place of the arguments. */
export const BatchAmount = z.object({
  path: Path,
  currency: z.string().optional(),
  each: z.array(z.number()).meta({ description: 'One for each of `rows`.' }),
  total: z.number(),
});
export type BatchAmount = z.infer<typeof BatchAmount>;

export const Batch = z
  .object({
    id: z.string().meta({ description: 'Stands for exactly these rows; kept for an hour.' }),
    agent: z.string(),
    tool: z.string(),
    rules: z.array(z.string()),
    policy_digest: z.string(),
    message: z.string().nullable(),
    on_rejection: OnRejection,
    hold: z.number().meta({ description: 'Seconds an approval is held before it takes effect.' }),
    compensation: z.string().optional(),
    mask: z
      .array(z.string())
      .optional()
      .meta({ description: 'Dotted paths that are covered until asked for, as on a card.' }),
    common: z.array(z.object({ path: Path, value: Json })),
    columns: z.array(Path),
    rows: z.array(BatchRow),
    amounts: z.array(BatchAmount),
    left_out: z.array(z.object({ id: z.string(), title: Title, why: LeftOutReason, path: Path.optional() })),
    left_out_total: z.number().int().meta({ description: '`left_out` names the first twenty.' }),
  })
  .meta({ id: 'Batch' });
export type Batch = z.infer<typeof Batch>;

export const Batches = z
  .object({
    batches: z.array(Batch),
    looked_at: z
      .number()
      .int()
      .meta({ description: 'Low-tier requests that were compared, the most urgent first; 500 at most.' }),
  })
  .meta({ id: 'Batches' });
export type Batches = z.infer<typeof Batches>;

const DecisionItem = z.strictObject({
  id: z.string().max(100),
  verdict: Verdict,
  reason: Reason.optional(),
  seen: Seen,
  confirm: Confirm.optional(),
  attention: Attention.optional(),
});
export type DecisionItem = z.infer<typeof DecisionItem>;

export const DecideMany = z
  .strictObject({
    items: z.array(DecisionItem).min(1).max(50),
    batch: z.string().max(100).optional().meta({
      description: 'The batch they were shown in: only its rows, and only after its rows were opened.',
    }),
    attention: BatchAttention.optional().meta({
      description: 'With `batch`, of all of it; items without a batch bring their own.',
    }),
  })
  .meta({ id: 'DecideMany' });
export type DecideMany = z.infer<typeof DecideMany>;

export const DecisionResult = z.union([
  z.object({ id: z.string(), ok: z.literal(true), request: RequestView }),
  z.object({ id: z.string(), ok: z.literal(false), problem: ProblemDocument }),
]);
export type DecisionResult = z.infer<typeof DecisionResult>;

export const DecisionResults = z
  .object({ results: z.array(DecisionResult).meta({ description: 'In the order of the items.' }) })
  .meta({ id: 'DecisionResults' });
export type DecisionResults = z.infer<typeof DecisionResults>;
