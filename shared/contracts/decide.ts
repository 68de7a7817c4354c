/** What reviewers send, and the queue they read. */
import { z } from 'zod';
import { Attention } from './attention.ts';
import { Json, JsonObject } from './json.ts';
import { Status, Tier, Verdict } from './names.ts';
import { Change, RequestView } from './request-view.ts';

/** The version and digest that were on the screen (law 6). */
export const Seen = z.strictObject({ version: z.number().int().positive(), args_digest: z.string().max(80) });
export type Seen = z.infer<typeof Seen>;

/** Dotted path of a value in the args, and the value as the reviewer gave it. Compared with the args by the server. */
export const Confirm = z.record(z.string(), Json);

export const Reason = z.string().max(8_000);

export const Decide = z
  .strictObject({
    verdict: Verdict,
    args: JsonObject.optional().meta({ description: 'Edited arguments; only with `approve`.' }),
    reason: Reason.optional(),
    seen: Seen,
    confirm: Confirm.optional(),
    grant: z
      .strictObject({
        calls: z.number().int().min(1).max(50),
        seconds: z.number().int().min(1).max(86_400),
      })
      .optional()
      .meta({
        description:
          'Let the next calls like this one through too; only with `approve`, without `args`, and within the request’s `grantable`.',
      }),
    attention: Attention.optional(),
  })
  .meta({ id: 'Decide' });
export type Decide = z.infer<typeof Decide>;

export const PreviewEdit = z
  .strictObject({ args: JsonObject, seen: Seen.optional() })
  .meta({ id: 'PreviewEdit' });

export const EditPreview = z
  .object({
    ok: z.boolean(),
    code: z.string().optional().meta({ description: 'Why it would be refused: edit_invalid, edit_denied.' }),
    detail: z.string().optional(),
    args_digest: z.string().optional(),
    tier: Tier,
    raised: z
      .boolean()
      .meta({ description: 'The edit asks for more than the request did: tier, quorum, friction.' }),
    rules: z.array(z.string()),
    messages: z.array(z.string()),
    changes: z.array(Change),
    needed: z.number().int(),
  })
  .meta({ id: 'EditPreview' });
export type EditPreview = z.infer<typeof EditPreview>;

export const Undo = z.strictObject({ reason: Reason.optional() });
export const Revoke = z.strictObject({ reason: Reason.optional() });
export const Cancel = z.strictObject({ reason: Reason.optional() });
export const View = z.strictObject({ seen: Seen.optional() });
export const Claim = z.strictObject({ release: z.boolean().optional() });

export const Queue = z
  .object({
    items: z.array(RequestView),
    next_cursor: z.string().optional(),
    counts: z.object({ total: z.number().int(), tiers: z.record(Tier, z.number().int()) }),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;

export const QueueQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const SearchQuery = z.object({
  status: Status.optional(),
  agent: z.string().max(200).optional(),
  tool: z.string().max(200).optional(),
  tier: Tier.optional(),
  reviewer: z.string().max(200).optional(),
  run_id: z.string().max(200).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  q: z.string().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

export const SearchResult = z
  .object({ items: z.array(RequestView), next_cursor: z.string().optional() })
  .meta({ id: 'SearchResult' });
export type SearchResult = z.infer<typeof SearchResult>;
