/** The values of policy files: what they may be, and what to write when they are not. */
import { z } from 'zod';
import { OnRejection, Tier } from '../../contracts/index.ts';
import { didYouMean } from '../closest-name.ts';
import { type Condition, compileCondition, compileFormula, type Formula } from '../condition/condition.ts';
import type { ConditionProblem } from '../condition/tree.ts';
import { parseDuration } from '../duration.ts';

/**
 * An object without other keys. Its message for unknown keys is one line per key, in the order of the
 * issue's `keys`, so that each can be reported at its own place.
 */
export function closed<T extends z.ZodRawShape>(shape: T) {
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

export function oneOf<const T extends readonly string[]>(options: T) {
  return z.enum(options, {
    error: ({ input }) => {
      const hint = typeof input === 'string' ? didYouMean(input, options) : '';
      return `Write one of ${options.join(', ')}.${hint}`;
    },
  });
}

export const text = (what: string, max = 2_000) =>
  z
    .string({ error: `Write ${what}.` })
    .min(1, `Write ${what}.`)
    .max(max, `${max} characters at most.`);
export const name = text('a name', 200).regex(
  /^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u,
  'A name is printable and has no space at its ends.',
);
export const names = (what: string) =>
  z
    .array(name, { error: `Write a list of ${what}, such as [a, b].` })
    .min(1, `List at least one of ${what}.`);
export const globs = (what: string) => names(`${what}; \`*\` stands for any characters`);
export const path = text('a dotted path', 200).regex(
  /^[^\s.]+(?:\.[^\s.]+)*$/,
  'Write a dotted path such as customer.email.',
);
export const paths = z.array(path, {
  error: 'Write a list of dotted paths, such as [amount, customer.email].',
});

/**
 * Texts that are compiled while the file is validated, so that their problems are reported with all others.
 * `index` in an issue's params is the offset into the text. `continue` lets a union keep these issues.
 */
export const condition = text('a condition as text, such as param.amount > 50', 10_000).transform(
  (value, context): Condition => {
    const compiled = compileCondition(value);
    return compiled.ok ? compiled.condition : refused(value, compiled.problems, context);
  },
);
export const expression = (kind: 'number' | 'any') =>
  text('an expression as text, such as param.amount', 10_000).transform((value, context): Formula => {
    const compiled = compileFormula(value, kind);
    return compiled.ok ? compiled.formula : refused(value, compiled.problems, context);
  });

function refused(
  input: string,
  problems: readonly ConditionProblem[],
  context: z.core.$RefinementCtx<string>,
): never {
  for (const { index, code, message } of problems) {
    context.issues.push({ code: 'custom', message, input, params: { index, code }, continue: true });
  }
  return z.NEVER;
}

const DURATION = 'Write a duration such as 30s, 10m, 2h or 1d (a bare number is seconds, at most 366d)';
const PERIOD = 'Write whole days or years, such as 90d or 7y (100y at most).';
const written = z.union([z.string(), z.number()], { error: `${DURATION}.` });
const durationOf = <T extends number | null>(
  accepts: (ms: number | null | undefined) => ms is T,
  message: string,
) =>
  written.transform((value, context): T => {
    const ms = parseDuration(value);
    if (accepts(ms)) return ms;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });
const atLeast =
  (least: number) =>
  (ms: number | null | undefined): ms is number =>
    typeof ms === 'number' && ms >= least;
/** Milliseconds; null is never. */
export const timeout = durationOf((ms) => ms === null || atLeast(1)(ms), `${DURATION}, or never.`);
export const duration = durationOf(atLeast(0), `${DURATION}.`);
export const positiveDuration = durationOf(atLeast(1), `${DURATION}, longer than nothing.`);

/** Milliseconds of whole days or years of 365 days. The longest is as long as any law asks for records to be kept. */
export const period = z.string({ error: PERIOD }).transform((value, context): number => {
  const [, count = '', unit] = /^([1-9]\d{0,4})\s*([dy])$/.exec(value.trim()) ?? [];
  const days = Number(count) * (unit === 'y' ? 365 : 1);
  if (unit !== undefined && days <= 100 * 365) return days * 86_400_000;
  context.issues.push({ code: 'custom', message: PERIOD, input: value });
  return z.NEVER;
});

export const tier = oneOf(Tier.options);
export const onRejection = oneOf(OnRejection.options);
export const people = z
  .number({ error: 'Write how many people must approve.' })
  .int('Write a whole number.')
  .min(1, 'At least one person must approve.')
  .max(20, 'At most 20 people.');
