/** Who would hear of a request, by which channel and why; and who would not. */
import { z } from 'zod';
import { JsonObject } from './json.ts';
import { Effect, Status, Tier } from './names.ts';
import { Name } from './propose.ts';

/** `POST /v1/route`: a request that does not exist. */
export const RouteQuestion = z
  .strictObject({
    agent: Name,
    tool: Name,
    args: JsonObject.optional().meta({ description: 'For conditions of policy; `{}` where absent.' }),
    context: JsonObject.optional(),
    tier: Tier.optional().meta({ description: 'As if it were of this tier, whatever policy says.' }),
  })
  .meta({ id: 'RouteQuestion' });
export type RouteQuestion = z.infer<typeof RouteQuestion>;

export const RouteLine = z
  .object({
    kind: z.enum(['destination', 'person', 'agent']),
    id: z.string(),
    name: z.string(),
    channel: z.string().optional(),
    told: z.boolean().meta({ description: 'It has been told of this request already.' }),
    code: z.string().meta({ description: 'Why, for programs. Codes are added, never renamed.' }),
    reason: z.string().meta({ description: 'Why, in a sentence.' }),
  })
  .meta({ id: 'RouteLine' });
export type RouteLine = z.infer<typeof RouteLine>;

export const RouteExplanation = z
  .object({
    request_id: z.string().optional(),
    agent: z.string(),
    tool: z.string(),
    tier: Tier,
    status: Status.optional(),
    effect: Effect.optional().meta({ description: 'What policy says of a call that does not exist.' }),
    audience: z.array(z.string()).meta({ description: 'Who may decide: `any`, groups and people.' }),
    channels: z.array(z.string()).meta({ description: 'What policy asks to be told by.' }),
    at: z.iso.datetime().meta({ description: 'The moment that quiet hours and absences were read for.' }),
    hears: z.array(RouteLine),
    silent: z.array(RouteLine),
    notes: z.array(z.object({ code: z.string(), text: z.string() })),
  })
  .meta({ id: 'RouteExplanation' });
export type RouteExplanation = z.infer<typeof RouteExplanation>;
