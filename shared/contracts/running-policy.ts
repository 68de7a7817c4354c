/** `GET /v1/policy` and `POST /v1/policy/draft`: the policy that runs, and what it would be with some rules more. */
import { z } from 'zod';
import { Effect } from './names.ts';

const PolicyText = z.object({
  path: z.string().meta({ description: 'Relative to the directory of the workspace.' }),
  text: z.string(),
});

export const RunningPolicy = z
  .object({
    digest: z.string(),
    files: z.array(PolicyText).meta({ description: 'What canaries are made from is left out.' }),
    rules: z
      .array(
        z.object({
          name: z.string(),
          file: z.string(),
          effect: Effect,
          shadow: z.boolean().meta({ description: 'It only says what it would have done.' }),
          trial: z
            .object({
              otherwise: Effect,
              instead_of: z.array(z.string()),
              expires: z.iso.datetime(),
              over: z.boolean().meta({ description: 'It has ended: it is as if it were not written.' }),
            })
            .optional()
            .meta({ description: 'It asks less than other rules, for a while.' }),
        }),
      )
      .meta({ description: 'In the order of files, then of lines.' }),
  })
  .meta({ id: 'RunningPolicy' });
export type RunningPolicy = z.infer<typeof RunningPolicy>;

export const DraftPolicy = z
  .strictObject({
    rules: z.string().min(1).max(50_000).meta({
      description:
        'A list of rules in YAML, as it stands under `rules:`. A rule whose name is there already takes its place.',
    }),
  })
  .meta({ id: 'DraftPolicy' });
export type DraftPolicy = z.infer<typeof DraftPolicy>;

export const PolicyDraft = z
  .object({
    replaces: z.string().meta({ description: 'Digest of the policy that it was made from.' }),
    changes: z
      .array(PolicyText.extend({ before: z.string().nullable().meta({ description: 'null: a new file.' }) }))
      .meta({ description: 'The files that would be others; nothing was written.' }),
    files: z.array(PolicyText).meta({ description: 'All of them with that, as a simulation takes them.' }),
  })
  .meta({ id: 'PolicyDraft' });
export type PolicyDraft = z.infer<typeof PolicyDraft>;
