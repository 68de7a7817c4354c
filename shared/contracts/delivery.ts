/** What was sent where: the delivery log, replays and tests of a destination. */
import { z } from 'zod';

export const DeliveryOutcome = z.enum(['delivered', 'failed', 'gave_up', 'not_tried', 'unrecorded']).meta({
  description:
    '`failed`: tried, and tried again later. `gave_up`: tried, and never again. `not_tried`: nothing was sent. `unrecorded`: begun by a process that died; it may have been delivered.',
});
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>;

/** One attempt. Holds no secret: what the peer echoed of one is struck out. */
export const DeliveryView = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    channel: z.string(),
    destination: z
      .string()
      .meta({ description: 'Id of the destination, push subscription, person’s address or agent key.' }),
    request_id: z
      .string()
      .optional()
      .meta({ description: 'Absent where it is about no one request: a digest, a notice to an owner.' }),
    alert_id: z.string().optional().meta({ description: 'The alert that it is about.' }),
    event_id: z.string().meta({ description: 'Of the feed; of a digest, what its Message-ID begins with.' }),
    event_type: z.string().meta({ description: 'The event’s type, `destination.test`, or `digest`.' }),
    attempt: z.number().int(),
    outcome: DeliveryOutcome,
    code: z.string().optional().meta({ description: 'Why, where it was not delivered.' }),
    status: z.number().int().optional().meta({ description: 'HTTP status of the answer.' }),
    latency_ms: z.number().optional(),
    response: z.string().optional().meta({ description: 'The answer’s first bytes.' }),
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = z.infer<typeof DeliveryView>;

export const DeliveriesQuery = z.object({
  destination: z.string().max(100).optional(),
  request: z.string().max(100).optional(),
  event: z.string().max(100).optional(),
  outcome: DeliveryOutcome.optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type DeliveriesQuery = z.infer<typeof DeliveriesQuery>;

export const Deliveries = z
  .object({ items: z.array(DeliveryView), next_cursor: z.string().optional() })
  .meta({ id: 'Deliveries' });
export type Deliveries = z.infer<typeof Deliveries>;

export const Replay = z
  .strictObject({
    destination: z.string().max(100),
    request_id: z.string().max(100).optional(),
    since: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(({ request_id, since }) => (request_id === undefined) !== (since === undefined), {
    message: 'give either request_id or since',
  })
  .meta({
    id: 'Replay',
    description: 'Give `request_id` for one request, or `since` for all that changed since.',
  });
export type Replay = z.infer<typeof Replay>;

/** What was asked for under which event: the log shows the attempts of it as `event`. */
export const Replaying = z
  .object({
    event_id: z.string(),
    queued: z.number().int().optional().meta({
      description: 'How many requests it tells of again, where that was known within the time waited for.',
    }),
  })
  .meta({ id: 'Replaying' });
export type Replaying = z.infer<typeof Replaying>;

export const DestinationTest = z
  .object({
    event_id: z.string(),
    attempt: DeliveryView.optional().meta({
      description: 'What came of it. Absent when nothing has within 20 s: search the log for the event.',
    }),
  })
  .meta({ id: 'DestinationTest' });
export type DestinationTest = z.infer<typeof DestinationTest>;

export const Rotated = z
  .object({
    id: z.string(),
    secret: z.string().meta({ description: 'The new secret, shown once.' }),
    previous_until: z.iso.datetime().meta({ description: 'Until then the old secret signs too.' }),
  })
  .meta({ id: 'RotatedSecret' });
export type Rotated = z.infer<typeof Rotated>;
