/** The shapes of policy files. Messages say what to write; positions are added by the reader. */
import { z } from 'zod';
import { checkCard } from '../card/index.ts';
import { Effect, OnRejection, Tier } from '../contracts/index.ts';
import { didYouMean } from './closest-name.ts';
import { type Condition, checkExpression, compileCondition } from './condition/condition.ts';
import { parseDuration } from './duration.ts';

/**
 * An object without other keys. Its message for unknown keys is one line per key, in the order of the
 * issue's `keys`, so that each can be reported at its own place.
 */
function closed<T extends z.ZodRawShape>(shape: T) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `Write a mapping with ${known.join(', ')}.`;
      return issue.keys
        .map((key) => {
          const hint = didYouMean(key, known) || ` Known here: ${known.join(', ')}.`;
          return `\`${key}\` is not a key of this mapping.${hint}`;
        })
        .join('\n');
    },
  });
}

function oneOf<const T extends readonly string[]>(options: T) {
  return z.enum(options, {
    error: ({ input }) => {
      const hint = typeof input === 'string' ? didYouMean(input, options) : '';
      return `Write one of ${options.join(', ')}.${hint}`;
    },
  });
}

const text = (what: string, max = 2_000) =>
  z
    .string({ error: `Write ${what}.` })
    .min(1, `Write ${what}.`)
    .max(max, `${max} characters at most.`);
const name = text('a name', 200).regex(
  /^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u,
  'A name is printable and has no space at its ends.',
);
const names = (what: string) =>
  z
    .array(name, { error: `Write a list of ${what}, such as [a, b].` })
    .min(1, `List at least one of ${what}.`);
const globs = (what: string) => names(`${what}; \`*\` stands for any characters`);
const path = text('a dotted path', 200).regex(
  /^[^\s.]+(?:\.[^\s.]+)*$/,
  'Write a dotted path such as customer.email.',
);
const paths = z.array(path, { error: 'Write a list of dotted paths, such as [amount, customer.email].' });
/**
 * Texts that are compiled while the file is validated, so that their problems are reported with all others.
 * `index` in an issue's params is the offset into the text. `continue` lets a union keep these issues.
 */
const CONDITION = 'a condition as text, such as param.amount > 50';
const condition = text(CONDITION, 10_000).transform((value, context): Condition => {
  const compiled = compileCondition(value);
  if (compiled.ok) return compiled.condition;
  for (const { index, code, message } of compiled.problems) {
    context.issues.push({ code: 'custom', message, input: value, params: { index, code }, continue: true });
  }
  return z.NEVER;
});
const expression = (kind: 'number' | 'any') =>
  text('an expression as text, such as param.amount', 10_000).check((context) => {
    for (const { index, code, message } of checkExpression(context.value, kind)) {
      context.issues.push({ code: 'custom', message, input: context.value, params: { index, code } });
    }
  });

const DURATION = 'Write a duration such as 30s, 10m, 2h or 1d (a bare number is seconds, at most 366d)';
const written = z.union([z.string(), z.number()], { error: `${DURATION}.` });
const durationOf = (accepts: (ms: number | null | undefined) => boolean, message: string) =>
  written.transform((value, context) => {
    const ms = parseDuration(value);
    if (accepts(ms)) return ms as number | null;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });
const timeout = durationOf((ms) => ms === null || (ms ?? 0) > 0, `${DURATION}, or never.`);
const finite = (least: number, message: string) =>
  durationOf((ms) => typeof ms === 'number' && ms >= least, message).transform((ms) => ms ?? 0);
const duration = finite(0, `${DURATION}.`);
const positiveDuration = finite(1, `${DURATION}, longer than nothing.`);

const tier = oneOf(Tier.options);
const onRejection = oneOf(OnRejection.options);
const people = z
  .number({ error: 'Write how many people must approve.' })
  .int('Write a whole number.')
  .min(1, 'At least one person must approve.')
  .max(20, 'At most 20 people.');

const FRICTION = 'Write none, acknowledge, retype, or {retype: [paths]} or {acknowledge: [paths]}.';
const friction = z
  .union(
    [
      z.enum(['none', 'acknowledge', 'retype']),
      z.strictObject({ retype: paths.min(1) }),
      z.strictObject({ acknowledge: paths.min(1) }),
    ],
    { error: FRICTION },
  )
  .transform((value) => {
    if (typeof value === 'string') return { kind: value, paths: [] };
    return 'retype' in value
      ? { kind: 'retype' as const, paths: value.retype }
      : { kind: 'acknowledge' as const, paths: value.acknowledge };
  });

/** What a proposal can be asked to carry; the words are those of `POST /v1/requests`. */
const REQUIRABLE = [
  'reason',
  'run_id',
  'call_id',
  'transcript',
  'resume',
  'args_schema',
  'links',
  'requested_by',
  'cost',
  'preview',
  'preview.summary',
  'preview.affected',
  'preview.reversible',
  'preview.alternatives',
  'context',
];
const requires = z.array(
  z.string().refine((value) => REQUIRABLE.includes(value) || /^context\.[^\s.]+(\.[^\s.]+)*$/.test(value), {
    error: ({ input }) =>
      `A proposal has no \`${String(input)}\`.${didYouMean(String(input), REQUIRABLE) || ` It has ${REQUIRABLE.join(', ')} and context.<name>.`}`,
  }),
  { error: 'Write a list such as [reason, preview.affected].' },
);

const escalation = closed({
  after: positiveDuration,
  notify: names('groups or people').exactOptional(),
  reviewers: names('groups or people').exactOptional(),
}).refine((step) => step.notify !== undefined || step.reviewers !== undefined, {
  error: 'Say who hears (notify) or who may decide as well (reviewers).',
});

/** Keys that a rule and a tier share. */
const demands = {
  channels: names('channels').exactOptional(),
  reviewers: names('groups or people').exactOptional(),
  timeout: timeout.exactOptional(),
  hold: duration.exactOptional(),
  valid_for: positiveDuration.exactOptional(),
  on_rejection: onRejection.exactOptional(),
  friction: friction.exactOptional(),
  requires: requires.exactOptional(),
  escalate: z.array(escalation, { error: 'Write a list of {after, notify, reviewers}.' }).exactOptional(),
};

const tierTable = closed({ ...demands, quorum: people.exactOptional() });

const tool = closed({
  reversible: z.boolean({ error: 'Write true or false.' }).exactOptional(),
  sensitivity: name.exactOptional(),
  compensation: name.exactOptional(),
  card: closed({
    title: text('a sentence such as Refund {amount} to {email}', 500).check((context) => {
      const wrong = checkCard(context.value);
      if (wrong !== undefined) context.issues.push({ code: 'custom', message: wrong, input: context.value });
    }),
  }).exactOptional(),
  confirm: paths.min(1, 'List at least one path.').exactOptional(),
});

const limit = closed({
  sum: expression('number').exactOptional(),
  count: z.literal(true, { error: 'Write `count: true`.' }).exactOptional(),
  cost: z.literal(true, { error: 'Write `cost: true`.' }).exactOptional(),
  per: expression('any').exactOptional(),
  window: positiveDuration,
  over: z.number({ error: 'Write the number that may not be passed.' }).min(0, 'Write zero or more.'),
  tier: tier.exactOptional(),
}).refine(
  (value) => [value.sum, value.count, value.cost].filter((counted) => counted !== undefined).length === 1,
  {
    error: 'Say what is counted: one of `sum: param.amount`, `count: true` or `cost: true`.',
  },
);

const quorum = z.union([people, z.record(name, people).refine((groups) => Object.keys(groups).length > 0)], {
  error: 'Write how many must approve (1 to 20), or how many of each group, such as {finance: 1, oncall: 1}.',
});

const rule = closed({
  name,
  effect: oneOf(Effect.options),
  agents: globs('agents').exactOptional(),
  tools: globs('tools').exactOptional(),
  when: condition.exactOptional(),
  tier: tier.exactOptional(),
  message: text('what the reviewer should know').exactOptional(),
  quorum: quorum.exactOptional(),
  editable: z.array(path, { error: 'Write a list of arguments, such as [amount, note].' }).exactOptional(),
  limits: z.array(limit, { error: 'Write a list of limits.' }).exactOptional(),
  ...demands,
});
export type WrittenRule = z.infer<typeof rule>;
export type WrittenDemands = z.infer<typeof tierTable>;

/** Shape 1: rules with names. */
export const OwnFile = closed({
  version: z.literal(1, { error: 'This reads version 1.' }).exactOptional(),
  default: oneOf(Effect.options).exactOptional(),
  groups: z
    .record(name, z.array(name, { error: 'Write a list of people.' }), {
      error: 'Write a mapping of group names to lists of people.',
    })
    .exactOptional(),
  tools: z.record(name, tool, { error: 'Write a mapping of tool names to what they are.' }).exactOptional(),
  tiers: closed({
    low: tierTable.exactOptional(),
    medium: tierTable.exactOptional(),
    high: tierTable.exactOptional(),
    critical: tierTable.exactOptional(),
  }).exactOptional(),
  rules: z.array(rule, { error: 'Write a list of rules.' }).exactOptional(),
});
export type OwnFile = z.infer<typeof OwnFile>;

const GATE = 'Write a tool, or a tool with its condition: `- orders.refund: param.amount > 50`.';
const gates = z.array(
  z.union(
    [name, z.record(name, condition).refine((entry) => Object.keys(entry).length === 1, { error: GATE })],
    { error: GATE },
  ),
  { error: 'Write a list of tools.' },
);
export type WrittenGate = z.infer<typeof gates>[number];

/** An agent's file speaks for one agent, or for all by having no name. */
const agentName = name.regex(/^[^*]*$/, 'An agent’s file names one agent: `*` is not a pattern here.');

/** Shape 2: an agent's own file. Keys outside the block belong to the agent and are ignored. */
export const AgentFile = z.object({
  name: agentName,
  approval: closed({
    tools: gates,
    timeout: timeout.exactOptional(),
    message: text('what the reviewer should know').exactOptional(),
    on_rejection: onRejection.exactOptional(),
  }),
});

/** Shape 3: a bare list. Nameless, it speaks for all agents. */
export const ListFile = z.object({
  name: agentName.exactOptional(),
  approvals: closed({
    required_for: gates,
    ttl_seconds: timeout.exactOptional(),
    fallback_when_not_approved: oneOf(['stop', 'continue']).exactOptional(),
  }),
});
