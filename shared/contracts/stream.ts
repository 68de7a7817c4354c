/** `GET /v1/stream`: server-sent events of what a key may see. A hint to refetch, never the payload itself. */
import { z } from 'zod';
import { Status } from './names.ts';

/** The `data` of each event; its SSE `event` is the feed event's type, its `id` the feed position. */
export const StreamEvent = z
  .object({
    type: z.string(),
    at: z.iso.datetime(),
    request_id: z.string().optional(),
    agent: z.string().optional(),
    status: Status.optional(),
    revision: z.number().int().optional(),
    version: z.number().int().optional(),
  })
  .meta({ id: 'StreamEvent' });
export type StreamEvent = z.infer<typeof StreamEvent>;

/** Sent instead of events when the place to resume from has left the feed: refetch everything. */
export const resetEvent = 'reset';
