/** `GET /v1/insights/suggestions`: what the log lets one say about where to ask, and what it does not. */
import { z } from 'zod';
import { backtestLine } from './backtest.ts';
import { FaultName } from './simulation.ts';

const Count = z.number().int().nonnegative();
const Share = z.number().min(0).max(1);
const Of = z.object({ k: Count, n: Count });

export const SuggestionsQuery = z.object({
  from: z.iso.datetime({ offset: true }).optional().meta({ description: 'Only actions from then on.' }),
  audited: z
    .string()
    .max(100_000)
    .optional()
    .meta({ description: 'Ids of requests that an audit found wrong, with commas between them.' }),
  cleared: z
    .string()
    .max(100_000)
    .optional()
    .meta({ description: 'Ids of requests that an audit found right: they count as judged.' }),
});
export type SuggestionsQuery = z.infer<typeof SuggestionsQuery>;

/** The same as a body: what several audits found is longer than an address may be. */
export const AskSuggestions = z
  .strictObject({
    from: SuggestionsQuery.shape.from,
    audited: z.array(z.string().max(100)).max(1_000).optional().meta({
      description: 'Requests that an audit found wrong.',
    }),
    cleared: z.array(z.string().max(100)).max(1_000).optional().meta({
      description: 'Requests that an audit found right: they count as judged.',
    }),
  })
  .meta({ id: 'AskSuggestions' });
export type AskSuggestions = z.infer<typeof AskSuggestions>;

const Part = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  gates: Of.meta({ description: 'How many of the calls a person would be asked about.' }),
  includes: Of.meta({ description: 'How many of those that were wrong are among them.' }),
});

/** A call by name, and where the log holds it. */
const Named = z.object({
  request_id: z.string(),
  entry: Count.meta({ description: 'The index of its proposal in the log.' }),
  at: z.iso.datetime(),
  agent: z.string(),
  faults: z.array(FaultName),
});
export type NamedCall = z.infer<typeof Named>;

export const Suggestion = z
  .object({
    tool: z.string(),
    kind: z.enum(['tighten', 'loosen']).meta({
      description: 'Whether more of its calls would wait than did, or fewer.',
    }),
    condition: z.string().meta({ description: 'What a person would be asked about: `param.amount > 50`.' }),
    tried: Count.meta({ description: 'How many thresholds were tried to find it.' }),
    fit: Part.meta({ description: 'The earlier half of the calls, on which it was found.' }),
    test: Part.extend({
      low: Share.meta({
        description:
          'The least share of wrong calls that it includes, with 95% confidence over all suggestions of this answer.',
      }),
      faults: z.array(z.object({ fault: FaultName, k: Count, n: Count })).meta({
        description: 'How many of each kind it includes, of how many.',
      }),
      skips: z.object({ calls: Count, judged: Count, faulty: Count, bound: Share }).meta({
        description:
          'The calls that nobody would be asked about: how many a person had judged, how many were wrong, and the highest share of wrong ones that this leaves open, with the same confidence.',
      }),
    }).meta({ description: 'The later half, on which it was only tested.' }),
    examples: z.object({ included: z.array(Named), missed: z.array(Named), others: z.array(Named) }).meta({
      description:
        'Of the later half, at most five each: wrong calls that it includes, wrong calls that it misses, and calls that it would ask about though nothing is known against them.',
    }),
    borne_out: z
      .boolean()
      .meta({ description: 'Whether the later half bears it out. If not, there is no rule.' }),
    sentence: z.string(),
    name: z.string().optional().meta({ description: 'The name of the rule.' }),
    rule: z.string().optional().meta({
      description: 'The rule in YAML, as a shadow rule: it changes nothing until somebody puts it in force.',
    }),
    in_force: z.string().optional().meta({
      description:
        'The same rule in force. One that asks less does not load before `approved_by` names two people.',
    }),
  })
  .meta({ id: 'Suggestion' });
export type Suggestion = z.infer<typeof Suggestion>;

export const NoSuggestion = z
  .object({
    tool: z.string(),
    because: z.enum(['no_faults', 'too_few', 'no_threshold']).meta({
      description:
        'None of its calls is known to have been wrong; too few calls, or too few that were wrong; or no threshold tells them apart better than luck.',
    }),
    calls: Count,
    judged: Count.meta({ description: 'How many of them a person has judged.' }),
    faulty: Count,
    tried: Count,
    reading: z.enum(['mis_tiered', 'rubber_stamped', 'healthy', 'unknown']).meta({
      description: 'From approvals and planted tests: without the tests it is unknown.',
    }),
    audit: z.array(z.string()).meta({
      description:
        'Requests drawn by chance to be looked at, 59 at most: if none is wrong, at most 5% of its calls are.',
    }),
    audit_entries: z.array(Count).meta({
      description: 'Of each of them the index of its proposal in the log.',
    }),
    audited: z.object({ n: Count, wrong: Count, bound: Share }).meta({
      description:
        'How many of its calls were named as audited, how many of those were wrong, and the highest share of wrong ones that this leaves open, with 95% confidence, if they were drawn by chance.',
    }),
    sentence: z.string(),
  })
  .meta({ id: 'NoSuggestion' });
export type NoSuggestion = z.infer<typeof NoSuggestion>;

export const Suggestions = z
  .object({
    actions: Count,
    left_out: z.object({ erased: Count, planted: Count }),
    suggestions: z.array(Suggestion),
    others: z.array(NoSuggestion).meta({ description: 'The tools for which nothing is suggested, and why.' }),
  })
  .meta({ id: 'Suggestions' });
export type Suggestions = z.infer<typeof Suggestions>;

export const SuggestionsLine = backtestLine(Suggestions).meta({ id: 'SuggestionsLine' });
export type SuggestionsLine = z.infer<typeof SuggestionsLine>;
