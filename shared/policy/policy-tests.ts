/**
 * Test cases for policies, as data (A10). A `*.test.yaml` file says what should happen to which call, and
 * stands beside the policies or brings its own.
 */
import { z } from 'zod';
import { Effect, JsonObject, OnRejection, Tier } from '../contracts/index.ts';
import { parseDuration } from './duration.ts';
import { evaluate, type PolicyAnswer, type ShadowAnswer } from './evaluate.ts';
import { loadPolicySet } from './load.ts';
import type { PolicyFile, PolicySet } from './policy-set.ts';
import type { PolicyProblem } from './problem.ts';
import { readYaml, validate, type YamlFile } from './yaml-file.ts';

/** One case: `differences` is empty when it passed, else one sentence for each thing that differs. */
export type PolicyTestResult = { name: string; line: number; passed: boolean; differences: string[] };

export type PolicyTestRun =
  | { ok: true; description: string; results: PolicyTestResult[] }
  | { ok: false; problems: PolicyProblem[] };

const Duration = z.union([z.string(), z.number()]).refine((value) => parseDuration(value) !== undefined, {
  error: 'Write a duration such as 10m, a number of seconds, or never.',
});
const names = z.array(z.string());
const object = JsonObject.default({});

/** What a case may expect; what it does not name may be anything. */
const Expected = z.strictObject({
  effect: Effect,
  /** All rules that decide, in the order of files and lines. */
  rules: names.exactOptional(),
  messages: names.exactOptional(),
  tier: Tier.exactOptional(),
  timeout: Duration.exactOptional(),
  hold: Duration.exactOptional(),
  valid_for: Duration.exactOptional(),
  on_rejection: OnRejection.exactOptional(),
  friction: z.enum(['none', 'acknowledge', 'retype']).exactOptional(),
  /** Paths to confirm. */
  confirm: names.exactOptional(),
  /** Who must approve: one list of `{from, need}` for each rule. `from: any` is any reviewer. */
  approvals: z
    .array(z.array(z.strictObject({ from: z.union([names, z.literal('any')]), need: z.int() })))
    .exactOptional(),
  editable: z.union([names, z.literal('all')]).exactOptional(),
  channels: names.exactOptional(),
  requires: names.exactOptional(),
  /** What an approval may grant; `per` absent where every argument has to be the same. */
  grants: z
    .union([
      z.literal('none'),
      z.strictObject({ calls: z.int(), for: Duration, per: names.exactOptional() }).transform((written) => ({
        calls: written.calls,
        for_ms: parseDuration(written.for),
        per: written.per ?? null,
      })),
    ])
    .exactOptional(),
  /** How it is reviewed after it ran. */
  review: z
    .union([
      z.literal('none'),
      z
        .strictObject({ window: Duration, sample: z.number(), undo_within: Duration.default('10m') })
        .transform(({ window, sample, undo_within }) => ({
          window_ms: parseDuration(window),
          sample,
          undo_within_ms: parseDuration(undo_within),
        })),
    ])
    .exactOptional(),
  /** Its ladder, in the order of time. */
  escalate: z
    .array(
      z
        .strictObject({
          after: Duration,
          notify: names.default([]),
          reviewers: names.default([]),
          channels: names.default([]),
        })
        .transform(({ after, ...step }) => ({ after_ms: parseDuration(after), ...step })),
    )
    .exactOptional(),
  /** What would be answered with the matching shadow rules in force. */
  shadow: z
    .union([z.literal('none'), z.strictObject({ effect: Effect, tier: Tier.exactOptional(), rules: names })])
    .exactOptional(),
  /** Rules whose condition could not be evaluated. */
  errors: names.exactOptional(),
});
type Expected = z.infer<typeof Expected>;

const TestFile = z.strictObject({
  description: z.string().default(''),
  /** Policies of the test's own, text by path. Absent: those of the set, or the ones that `policies` names. */
  policy: z.record(z.string(), z.string()).exactOptional(),
  policies: names.exactOptional(),
  cases: z
    .array(
      z.strictObject({
        name: z.string(),
        agent: z.string().default('test-agent'),
        tool: z.string(),
        args: object,
        context: JsonObject.exactOptional(),
        run_id: z.string().exactOptional(),
        /** What was counted, by rule and limit: `{big-refunds: [{total: 40}]}`. */
        limits: z.record(z.string(), z.array(z.strictObject({ total: z.number() }))).exactOptional(),
        expect: Expected,
      }),
    )
    .min(1),
});
type TestFile = z.infer<typeof TestFile>;

/**
 * Runs the cases of one test file against a loaded set; `set` may be null for a file that brings its own
 * policies. `path` names the file in problems. Problems mean that nothing ran.
 */
export function runPolicyTests(
  set: PolicySet | null,
  text: string,
  path = 'policy.test.yaml',
): PolicyTestRun {
  const yaml = readYaml(path, text);
  if (!yaml.ok) return yaml;
  const read = validate<TestFile>(yaml.value, TestFile);
  if (!read.ok) return read;
  const { description, cases } = read.value;
  const policies = policiesOf(set, read.value, path, yaml.value);
  if (!policies.ok) return policies;
  const results = cases.map(({ name, expect, limits, ...action }, index) => {
    const differences = compare(expect, evaluate(policies.set, action, limits));
    return { name, line: yaml.value.lineOf(['cases', index]), passed: differences.length === 0, differences };
  });
  return { ok: true, description, results };
}

type Policies = { ok: true; set: PolicySet } | { ok: false; problems: PolicyProblem[] };

function policiesOf(
  set: PolicySet | null,
  { policy, policies }: TestFile,
  path: string,
  yaml: YamlFile,
): Policies {
  if (policy !== undefined) {
    return loadPolicySet(Object.entries(policy).map(([file, text]): PolicyFile => ({ path: file, text })));
  }
  const available = set?.files ?? [];
  const missing = (policies ?? []).filter((name) => !available.some((file) => file.path === name));
  if (set === null || missing.length > 0) {
    const message = `There is no policy file ${missing.join(', ') || 'to test'}. Name it relative to ${path}’s policy directory.`;
    return { ok: false, problems: [yaml.problemAt(['policies'], 'invalid_value', message)] };
  }
  if (policies === undefined) return { ok: true, set };
  return loadPolicySet(available.filter((file) => policies.includes(file.path)));
}

/** Without the tier where none is expected. */
function shadowAsExpected(expected: Expected['shadow'], given: ShadowAnswer | undefined): unknown {
  if (given === undefined) return 'none';
  const { effect, tier, rules } = given;
  return typeof expected === 'object' && expected.tier === undefined
    ? { effect, rules }
    : { effect, tier, rules };
}

/** Each expectation as the answer would state it, and what the answer says. */
function compare(expected: Expected, answer: PolicyAnswer): string[] {
  const { terms } = answer;
  const actual: Record<keyof Expected, unknown> = {
    effect: answer.effect,
    rules: answer.rules.map(({ name }) => name),
    messages: answer.messages,
    tier: terms.tier,
    timeout: answer.timeout_ms,
    hold: terms.hold_ms,
    valid_for: answer.valid_for_ms,
    on_rejection: terms.on_rejection,
    friction: terms.friction.kind,
    confirm: terms.friction.paths,
    approvals: terms.requirements.map(({ slots }) =>
      slots.map(({ from, need }) => ({ from: from ?? 'any', need })),
    ),
    editable: terms.editable ?? 'all',
    channels: answer.channels,
    requires: answer.requires,
    grants: answer.grants ?? 'none',
    review: answer.effect === 'review_after' ? answer.review : 'none',
    escalate: answer.escalate.map(({ rules: _whose, ...step }) => step),
    shadow: shadowAsExpected(expected.shadow, answer.shadow),
    errors: answer.rules.flatMap(({ name, error }) => (error === undefined ? [] : [name])),
  };
  const durations = ['timeout', 'hold', 'valid_for'];
  return Object.entries(expected).flatMap(([key, value]) => {
    const wanted = durations.includes(key) ? parseDuration(value as string | number) : value;
    const given = actual[key as keyof Expected];
    if (JSON.stringify(wanted) === JSON.stringify(given)) return [];
    const unit = durations.includes(key) ? ' ms' : '';
    return [`${key}: expected ${JSON.stringify(wanted)}${unit}, got ${JSON.stringify(given)}${unit}`];
  });
}
