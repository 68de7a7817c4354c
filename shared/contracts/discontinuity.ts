/** When the store has lost events that were sealed: what was found, and an admin's word that they have looked. */
import { z } from 'zod';

export const Discontinuity = z
  .object({
    found_at: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Null: none waits to be accepted. Else approvals from before do not run.' }),
  })
  .meta({ id: 'Discontinuity' });
export type Discontinuity = z.infer<typeof Discontinuity>;

export const AcceptDiscontinuity = z
  .strictObject({
    found_at: z.iso.datetime().meta({ description: 'The one that was looked at.' }),
    reason: z.string().min(1).max(2_000),
  })
  .meta({ id: 'AcceptDiscontinuity' });
export type AcceptDiscontinuity = z.infer<typeof AcceptDiscontinuity>;
