/** Rules, tiers and tools as they are written. */
import { z } from 'zod';
import { checkCard } from '../../card/index.ts';
import { Effect } from '../../contracts/index.ts';
import { didYouMean } from '../closest-name.ts';
import { MOST_GRANTED } from '../grants.ts';
import { MOST_COUNTED } from '../micros.ts';
import {
  closed,
  condition,
  duration,
  expression,
  globs,
  name,
  names,
  oneOf,
  onRejection,
  path,
  paths,
  people,
  positiveDuration,
  text,
  tier,
  timeout,
} from './value.ts';

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
  channels: names('channels').exactOptional(),
}).refine((step) => step.notify ?? step.reviewers ?? step.channels, {
  error:
    'Say who hears (notify), who may decide as well (reviewers), or by which channels those who may are told.',
});

const cap = z.number({ error: 'Write a number.' }).min(0, 'Write zero or more.');
const ROWS = 'Write how many rows a batch may have, 3 to 10.';
const batch = z.union(
  [
    z.literal('never'),
    closed({
      rows: z.number({ error: ROWS }).int(ROWS).min(3, ROWS).max(10, ROWS).exactOptional(),
      each: cap.exactOptional(),
      sum: cap.exactOptional(),
    }),
  ],
  { error: 'Write never, or {rows, each, sum}: how many rows, the largest amount of one, of all together.' },
);

const SAMPLE =
  'Write the share that is reviewed, above 0 and up to 1, such as 0.05. To review none, write `effect: allow`.';
const review = closed({
  window: positiveDuration.exactOptional(),
  sample: z.number({ error: SAMPLE }).gt(0, SAMPLE).lte(1, SAMPLE).exactOptional(),
  undo_within: positiveDuration.exactOptional(),
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
  batch: batch.exactOptional(),
  review: review.exactOptional(),
  requires: requires.exactOptional(),
  escalate: z
    .array(escalation, { error: 'Write a list of {after, notify, reviewers, channels}.' })
    .exactOptional(),
};

export const tierTable = closed({ ...demands, quorum: people.exactOptional() });

export const tool = closed({
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
  mask: paths.exactOptional(),
});

const limit = closed({
  sum: expression('number').exactOptional(),
  count: z.literal(true, { error: 'Write `count: true`.' }).exactOptional(),
  cost: z.literal(true, { error: 'Write `cost: true`.' }).exactOptional(),
  per: expression('any').exactOptional(),
  window: positiveDuration,
  over: z
    .number({ error: 'Write the number that may not be passed.' })
    .min(0, 'Write zero or more.')
    .max(MOST_COUNTED, `At most ${MOST_COUNTED}: beyond that sums are not exact.`),
  tier: tier.exactOptional(),
}).refine(
  (value) => [value.sum, value.count, value.cost].filter((counted) => counted !== undefined).length === 1,
  {
    error: 'Say what is counted: one of `sum: param.amount`, `count: true` or `cost: true`.',
  },
);

const grants = closed({
  calls: z
    .number({ error: 'Write how many calls may be granted.' })
    .int('Write a whole number.')
    .min(1, 'Grant at least one call.')
    .max(MOST_GRANTED.calls, `At most ${MOST_GRANTED.calls} calls.`),
  for: positiveDuration.refine((ms) => ms <= MOST_GRANTED.for_ms, { error: 'A grant lasts 24h at most.' }),
  per: z
    .array(
      path.regex(
        /^(param|context)\./,
        'Write a path such as param.to or context.customer: it says its root.',
      ),
      { error: 'Write a list of paths, such as [param.to].' },
    )
    .min(1, 'List what has to be the same; leave `per` out where that is every argument.')
    .exactOptional(),
});

const quorum = z.union([people, z.record(name, people).refine((groups) => Object.keys(groups).length > 0)], {
  error: 'Write how many must approve (1 to 20), or how many of each group, such as {finance: 1, oncall: 1}.',
});

const moment = text('when it ends, such as 2026-12-31', 40).transform((value, context): number => {
  const isMoment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(value);
  const at = isMoment ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(at)) return at;
  context.issues.push({
    code: 'custom',
    message: 'Write a day (its UTC midnight) or an instant: 2026-12-31, 2026-12-31T09:00:00Z.',
    input: value,
  });
  return z.NEVER;
});

export const rule = closed({
  name,
  effect: oneOf(Effect.options),
  shadow: z.literal(true, { error: 'Write `shadow: true`, or leave it out.' }).exactOptional(),
  agents: globs('agents').exactOptional(),
  tools: globs('tools').exactOptional(),
  when: condition.exactOptional(),
  tier: tier.exactOptional(),
  message: text('what the reviewer should know').exactOptional(),
  quorum: quorum.exactOptional(),
  editable: z.array(path, { error: 'Write a list of arguments, such as [amount, note].' }).exactOptional(),
  grants: grants.exactOptional(),
  limits: z.array(limit, { error: 'Write a list of limits.' }).exactOptional(),
  instead_of: names('rules').exactOptional(),
  otherwise: oneOf(['allow', 'review_after']).exactOptional(),
  expires: moment.exactOptional(),
  approved_by: names('people').exactOptional(),
  ...demands,
});
export type WrittenRule = z.infer<typeof rule>;
export type WrittenDemands = z.infer<typeof tierTable>;
