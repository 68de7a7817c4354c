/** `POST /v1/requests`: what an agent sends, and the three answers. */
import { z } from 'zod';
import { JsonObject } from './json.ts';
import { OnRejection, StopReason } from './names.ts';
import { RequestView } from './request-view.ts';

const text = (max: number) => z.string().max(max);

/** What the agent says about its own call. Shown to the reviewer as the agent's words, never as fact. */
export const Preview = z
  .strictObject({
    summary: text(2_000).optional(),
    affected: z.union([text(2_000), z.array(text(500)).max(50)]).optional(),
    reversible: z.union([z.boolean(), text(500)]).optional(),
    alternatives: z.union([text(2_000), z.array(text(500)).max(20)]).optional(),
  })
  .meta({ id: 'Preview' });
export type Preview = z.infer<typeof Preview>;

export const Link = z.strictObject({
  href: z.url({ protocol: /^https?$/ }).max(2_000),
  text: text(200).optional(),
});
export type Link = z.infer<typeof Link>;

const transcriptTurn = z.strictObject({ role: text(40), text: text(20_000) });

/** Names of tools, agents and runs: printable, without spaces at the ends. */
export const Name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u, 'must be printable and not start or end with a space');

export const Propose = z
  .strictObject({
    tool: Name,
    args: JsonObject,
    agent: Name,
    context: JsonObject.optional(),
    run_id: Name.optional(),
    call_id: Name.optional(),
    reason: text(8_000).optional(),
    preview: Preview.optional(),
    transcript: z.union([text(60_000), z.array(transcriptTurn).max(200)]).optional(),
    resume: z.unknown().optional().meta({ description: 'Opaque to us, given back to the owning agent.' }),
    args_schema: JsonObject.optional(),
    links: z.array(Link).max(20).optional(),
    callback_url: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
    timeout: z
      .number()
      .positive()
      .max(31_536_000)
      .optional()
      .meta({ description: 'Seconds. May shorten policy’s timeout.' }),
    requested_by: Name.optional().meta({ description: 'Who asked the agent to act: may not approve.' }),
    cost: z.number().nonnegative().optional(),
    supersedes: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'A pending request of this agent to withdraw.' }),
  })
  .meta({ id: 'Propose' });
export type Propose = z.infer<typeof Propose>;

export const Allowed = z
  .object({
    decision: z.literal('allow'),
    request_id: z.string(),
    token: z.string().optional(),
    args_digest: z.string(),
    rules: z.array(z.string()),
    grant: z
      .object({ id: z.string(), by: z.string() })
      .optional()
      .meta({ description: 'The standing grant that let it through, and the reviewer who gave it.' }),
    review: z
      .object({
        until: z.iso.datetime(),
        undo: z.string().nullable(),
      })
      .optional()
      .meta({
        description:
          'It runs now and is reviewed afterwards, until `until`, which counts anew from when its token is used. `undo` is the tool that undoes it, null where policy names none: be ready to run that and to report `undone`.',
      }),
  })
  .meta({ id: 'Allowed' });
export const Denied = z
  .object({
    decision: z.literal('deny'),
    request_id: z.string(),
    stop_reason: StopReason,
    reason: z.string(),
    rules: z.array(z.string()),
    on_rejection: OnRejection.optional(),
  })
  .meta({ id: 'Denied' });
export const ApprovalRequired = z
  .object({ decision: z.literal('approval_required'), request: RequestView })
  .meta({ id: 'ApprovalRequired' });

export const Proposed = z
  .discriminatedUnion('decision', [Allowed, Denied, ApprovalRequired])
  .meta({ id: 'Proposed' });
export type Proposed = z.infer<typeof Proposed>;
