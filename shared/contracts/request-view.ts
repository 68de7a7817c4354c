/** A request as the API shows it: to its agent, to reviewers, in webhooks. Never holds a token unless its agent reads it. */
import { z } from 'zod';
import { CanaryReveal } from './canary.ts';
import { Json, JsonObject } from './json.ts';
import { Effect, OnRejection, OutcomeStatus, Status, StopReason, Tier, Verdict } from './names.ts';
import { QuestionView } from './question.ts';

const Time = z.iso.datetime();

/** A rule that took part in the answer, with the values its condition saw: "why am I asked?" */
export const RuleHitView = z
  .object({
    name: z.string(),
    file: z.string().optional(),
    effect: Effect,
    message: z.string().optional(),
    when: z.string().optional(),
    values: z.record(z.string(), z.unknown()).optional(),
    error: z.string().optional(),
    exceeded: z
      .array(
        z.object({
          limit: z.number().int().meta({ description: 'Its place among the limits of the rule, from 0.' }),
          counts: z.string().meta({ description: 'Such as `sum of param.amount per context.customer_id`.' }),
          window: z.number().meta({ description: 'Seconds.' }),
          over: z.number(),
          total: z
            .number()
            .nullable()
            .meta({ description: 'With this call, when it was judged; null where it could not be counted.' }),
          error: z.string().optional().meta({ description: 'Why it could not be counted.' }),
        }),
      )
      .optional()
      .meta({ description: 'Limits over time that the call passes, or that could not be counted.' }),
  })
  .meta({ id: 'RuleHit' });

/** One demand on who must approve. `from: null` is any reviewer. */
export const RequirementView = z
  .object({
    rule: z.string(),
    slots: z.array(z.object({ from: z.array(z.string()).nullable(), need: z.number().int() })),
    met: z.boolean(),
  })
  .meta({ id: 'Requirement' });

export const VerdictView = z
  .object({
    reviewer: z.string(),
    verdict: Verdict,
    version: z.number().int(),
    args_digest: z.string(),
    edited: z.boolean(),
    reason: z.string().optional(),
    batch: z.string().optional().meta({ description: 'The batch it was decided in.' }),
    at: Time,
  })
  .meta({ id: 'Verdict' });

/** One changed place in the arguments. `path` is a JSON Pointer (RFC 6901); absent `from` means added, absent `to` removed. */
export const Change = z
  .object({ path: z.string(), from: Json.optional(), to: Json.optional() })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof Change>;

/** A sentence of the card in pieces: plain text from policy, or a value with the path it came from. */
export const CardSegment = z.union([
  z.object({ text: z.string() }),
  z.object({ path: z.string(), value: z.string(), missing: z.boolean().optional() }),
]);
export type CardSegment = z.infer<typeof CardSegment>;

/** How a call stands that runs before anyone looks (`review_after`). */
export const ReviewView = z
  .object({
    until: Time.meta({ description: 'Reviewed and undone until then. Counts from the run.' }),
    undo: z.string().nullable().meta({ description: 'The tool that undoes it; null: it can not be undone.' }),
    verdict: z.enum(['fine', 'undo']).optional(),
    by: z.string().optional(),
    at: Time.optional(),
    reason: z.string().nullable().optional(),
    answer_by: Time.optional().meta({ description: 'When the agent should have said that it is undone.' }),
    overdue: z
      .boolean()
      .optional()
      .meta({ description: 'That time is over, and the agent has said nothing.' }),
  })
  .meta({
    id: 'ReviewState',
    description: 'Only of calls that run first and are reviewed afterwards (`review_after`).',
  });

export const RequestView = z
  .object({
    id: z.string(),
    workspace: z.string(),
    agent: z.string(),
    tool: z.string(),
    args: JsonObject.meta({ description: 'What may run.' }),
    args_digest: z.string(),
    proposed_args: JsonObject.optional().meta({
      description: 'What the agent asked for, where an edit changed it.',
    }),
    context: JsonObject.optional(),
    context_trusted: z.boolean(),
    run_id: z.string().optional(),
    call_id: z.string().optional(),
    requested_by: z.string().optional(),
    cost: z.number().optional(),
    version: z.number().int(),
    revision: z.number().int(),
    tier: Tier,
    status: Status,
    message: z.string().nullable(),
    rules: z.array(z.string()).meta({ description: 'Names of the rules that decided.' }),
    why: z.array(RuleHitView),
    quorum: z.union([z.number().int(), z.record(z.string(), z.number().int())]),
    progress: z.object({
      needed: z.number().int(),
      given: z.number().int(),
      requirements: z.array(RequirementView),
    }),
    on_rejection: OnRejection,
    policy_digest: z.string(),
    policy_digests: z.array(z.string()).meta({ description: 'Every policy that judged it, in order.' }),
    editable: z.array(z.string()).nullable().meta({ description: 'Fields that may be edited; null is all.' }),
    friction: z.object({ kind: z.enum(['none', 'acknowledge', 'retype']), paths: z.array(z.string()) }),
    card: z.object({ title: z.array(CardSegment) }).optional(),
    tool_facts: z.object({
      reversible: z.boolean().optional(),
      sensitivity: z.string().optional(),
      compensation: z.string().optional(),
      mask: z.array(z.string()).optional().meta({
        description: 'Dotted paths of arguments that a card covers until the reviewer asks.',
      }),
    }),
    reason: z.string().optional(),
    preview: z.record(z.string(), z.unknown()).optional(),
    transcript: z.unknown().optional(),
    links: z.array(z.object({ href: z.string(), text: z.string().optional() })).optional(),
    args_schema: JsonObject.optional(),
    callback_url: z.string().optional(),
    supersedes: z.string().optional(),
    superseded_by: z.string().optional(),
    warnings: z.array(z.string()),
    erased: z.boolean().optional().meta({ description: 'The payload is gone: args read as {}.' }),
    log: z.object({ index: z.number().int(), size: z.number().int() }).optional().meta({
      description:
        'Where the newest of it that is sealed stands in the audit log, and how many entries that has. Only `GET /v1/requests/{id}` says it; absent until something of it is sealed.',
    }),
    created_at: Time,
    expires_at: Time.nullable(),
    hold: z.number().meta({ description: 'Seconds an approval is held before it takes effect.' }),
    release_at: Time.optional(),
    decided_at: Time.optional(),
    decided_by: z
      .string()
      .optional()
      .meta({ description: '`policy`, `grant`, or the reviewers, comma-separated.' }),
    grantable: z
      .object({ calls: z.number().int(), seconds: z.number(), per: z.array(z.string()).nullable() })
      .optional()
      .meta({
        description:
          'While pending: what an approval may grant at most. Calls are alike where the values at `per` are the same; null: where every argument is.',
      }),
    granted: z
      .object({ id: z.string(), calls: z.number().int(), expires_at: Time })
      .optional()
      .meta({ description: 'The standing grant that was given with its approval.' }),
    grant_used: z
      .object({ id: z.string(), by: z.string() })
      .optional()
      .meta({ description: 'The standing grant that let it through, and the reviewer who gave it.' }),
    valid_until: Time.optional(),
    consumed_at: Time.optional(),
    verdicts: z.array(VerdictView),
    decision: z
      .object({
        verdict: Verdict,
        edited: z.boolean(),
        changes: z.array(Change),
        reason: z.string().nullable(),
      })
      .optional(),
    stop_reason: StopReason.optional(),
    revoked: z.object({ by: z.string(), at: Time, reason: z.string().nullable() }).optional(),
    claim: z.object({ by: z.string(), until: Time }).optional(),
    review: ReviewView.optional(),
    channels: z.array(z.string()).optional().meta({
      description:
        'Channels that policy asks to tell by, beside what each person chose: of its rules and tier, and of the steps of the ladder that are done. Absent where it asks for none.',
    }),
    escalation: z
      .array(
        z.object({
          at: Time,
          kind: z.enum(['remind', 'escalate']),
          notify: z.array(z.string()).optional(),
          reviewers: z.array(z.string()).optional(),
          channels: z.array(z.string()).optional(),
          done_at: Time.optional(),
        }),
      )
      .optional()
      .meta({
        description:
          'Its ladder: what was done (`done_at`) and, while it waits, what will be done next and when. `notify` hear of it, `reviewers` may decide as well from then on. Absent where policy has none.',
      }),
    viewed_by: z.array(z.string()),
    questions: z
      .array(QuestionView)
      .optional()
      .meta({ description: 'What reviewers asked the agent, oldest first. Asking does not stop the clock.' }),
    canary: CanaryReveal.optional().meta({
      description:
        'It was a test, and nothing ran. Only to the reviewer who answered it, and only afterwards.',
    }),
    outcome: z.object({ status: OutcomeStatus, detail: z.unknown().optional(), at: Time }).optional(),
    token: z
      .string()
      .optional()
      .meta({ description: 'Only for the owning agent, while approved and unconsumed.' }),
    resume: z.unknown().optional().meta({ description: 'Only for the owning agent.' }),
  })
  .meta({ id: 'Request' });
export type RequestView = z.infer<typeof RequestView>;
