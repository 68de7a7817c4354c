/** `POST /v1/policy/simulate`: a policy that is not in force, held against what the sealed log has. */
import { z } from 'zod';
import { backtestLine } from './backtest.ts';
import { Effect, Tier } from './names.ts';

const Count = z.number().int().nonnegative();
const Share = z.number().min(0).max(1);

export const Simulate = z
  .object({
    files: z
      .array(z.object({ path: z.string().min(1).max(200), text: z.string() }))
      .min(1)
      .max(100)
      .meta({ description: 'The policy files of one workspace, as they would stand in its directory.' }),
    from: z.iso.datetime({ offset: true }).optional().meta({
      description: 'Only actions from then on are told of. Limits over time count what came before as well.',
    }),
    to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Only actions before then.' }),
    audited: z.array(z.string().max(100)).max(1_000).optional().meta({
      description: 'Requests that an audit found wrong: they are shown as what a policy should stop.',
    }),
    cleared: z.array(z.string().max(100)).max(1_000).optional().meta({
      description: 'Requests that an audit found right: they count as judged.',
    }),
  })
  .meta({ id: 'Simulate' });
export type Simulate = z.infer<typeof Simulate>;

/** What an action was found wrong by, or how: each told apart. */
export const FaultName = z.enum(['rejected', 'edited', 'undone', 'failed', 'audited']).meta({
  description:
    'A reviewer rejected it, changed its arguments, or took it back; its agent reported a failure; an audit found it wrong.',
});

/** Policy's answer in short. */
const Answer = z.object({ effect: Effect, tier: Tier });

const Example = z.object({
  request_id: z.string(),
  entry: Count.meta({ description: 'The index of its proposal in the log.' }),
  at: z.iso.datetime(),
  agent: z.string(),
  tool: z.string(),
  was_rules: z.array(z.string()).meta({ description: 'The rules that decided then.' }),
  would_rules: z.array(z.string()).meta({ description: 'The rules that would decide.' }),
  faults: z.array(FaultName),
});

const ByEffect = z.object({
  allow: Count,
  review_after: Count,
  approval_required: Count,
  deny: Count,
});

export const Simulation = z
  .object({
    policy_digest: z.string(),
    period: z
      .object({ from: z.iso.datetime(), to: z.iso.datetime() })
      .nullable()
      .meta({ description: 'When the first and the last of these actions were proposed; null without any.' }),
    actions: Count.meta({ description: 'How many were judged by this policy. What follows is about these.' }),
    left_out: z.object({
      erased: Count.meta({ description: 'Their arguments are gone: nobody can judge them any more.' }),
      planted: Count.meta({ description: 'Tests of attention.' }),
    }),
    was: ByEffect,
    would: ByEffect,
    tiers: z
      .array(z.object({ tier: Tier, was: Count, would: Count }))
      .meta({ description: 'How many ask a person, by tier.' }),
    asked: z
      .object({
        was: z.object({ k: Count, n: Count, share: Share.nullable() }),
        would: z.object({ k: Count, n: Count, share: Share.nullable() }),
      })
      .meta({ description: 'How many of all actions wait for a person first.' }),
    faults: z
      .array(
        z.object({
          fault: FaultName.or(z.literal('any')),
          n: Count.meta({ description: 'How many are known.' }),
          was: Count.meta({ description: 'How many of them were asked about first, or denied.' }),
          would: Count.meta({ description: 'How many of them would be.' }),
          low: Share.nullable().meta({
            description: 'The lower end of the 95% interval of would/n (Wilson); null where n is 0.',
          }),
        }),
      )
      .meta({ description: 'What is known to have been wrong, and whether this policy stops it first.' }),
    unasked: z.object({ actions: Count, judged: Count, faulty: Count, bound: Share }).meta({
      description:
        'What would run, or be looked at only afterwards, though somebody was asked first or it was denied; how many of those a person had judged, how many of these were wrong; and the highest share of wrong ones among all like them that this many judgements leave open, with 95% confidence.',
    }),
    changes: z
      .array(
        z.object({
          was: Answer,
          would: Answer,
          actions: Count,
          faulty: Count,
          examples: z.array(Example).meta({ description: 'At most five, those that were wrong first.' }),
        }),
      )
      .meta({ description: 'What would be answered otherwise, the most frequent first.' }),
    tools: z
      .array(z.object({ tool: z.string(), actions: Count, was: ByEffect, would: ByEffect }))
      .meta({ description: 'The hundred most frequent.' }),
    rules: z.array(z.object({ rule: z.string(), actions: Count, errors: Count })).meta({
      description:
        'How many each rule would decide, and how many of those because its condition has no answer.',
    }),
    shadow: z
      .array(
        z.object({
          rule: z.string(),
          matched: Count,
          changed: Count.meta({
            description:
              'With it in force, together with the others that match, the answer would be another.',
          }),
          recorded: Count.meta({
            description: 'How often it was on record as a shadow rule when these actions were proposed.',
          }),
        }),
      )
      .meta({ description: 'The shadow rules of this policy, and those on record.' }),
    limits: z.enum(['none', 'counted']).meta({
      description: 'Whether the policy has limits over time: they were counted in the order of events.',
    }),
  })
  .meta({ id: 'Simulation' });
export type Simulation = z.infer<typeof Simulation>;

export const SimulationLine = backtestLine(Simulation).meta({ id: 'SimulationLine' });
export type SimulationLine = z.infer<typeof SimulationLine>;
