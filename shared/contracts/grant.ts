/** Standing grants: the next calls like an approved one, let through without asking anyone (policy's `grants`). */
import { z } from 'zod';
import { RequestView } from './request-view.ts';

/** `GET /v1/grants`: those in force that this reviewer may decide about; an admin sees all. */
export const Grant = z
  .object({
    id: z.string(),
    by: z.string().meta({ description: 'The reviewer who gave it.' }),
    per: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Paths whose values have to be the same; null: every argument.' }),
    calls: z.number().int(),
    left: z.number().int().meta({ description: 'Calls that it still lets through.' }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    request: RequestView.meta({ description: 'The request that was approved with it: what calls are like.' }),
  })
  .meta({ id: 'Grant' });
export type Grant = z.infer<typeof Grant>;

export const Grants = z
  .object({ items: z.array(Grant).meta({ description: 'The one that ends first comes first.' }) })
  .meta({ id: 'Grants' });
export type Grants = z.infer<typeof Grants>;
