/** The agent's side of running: consume a token, report what happened. */
import { z } from 'zod';
import { JsonObject } from './json.ts';
import { OutcomeStatus } from './names.ts';

export const Consume = z
  .strictObject({ token: z.string().max(16_384), args: JsonObject })
  .meta({ id: 'Consume' });

export const Consumed = z
  .object({ request_id: z.string(), tool: z.string(), args: JsonObject, args_digest: z.string() })
  .meta({ id: 'Consumed' });
export type Consumed = z.infer<typeof Consumed>;

export const ReportOutcome = z
  .strictObject({
    status: OutcomeStatus.meta({
      description:
        'What came of the run; `undone` or `undo_failed` only where a reviewer asked for an undo (`undo_requested`).',
    }),
    detail: z.unknown().optional(),
  })
  .meta({ id: 'ReportOutcome' });
export type ReportOutcome = z.infer<typeof ReportOutcome>;
