/** From files to a policy set, or to everything that is wrong with them. */
import type { Effect, Tier } from '../contracts/index.ts';
import { policyDigest } from '../digest/index.ts';
import { ALERTS } from './alerts.ts';
import { DEFAULT_TIER, fillDemands } from './demands.ts';
import type { Draft, DraftRule, Entry } from './draft.ts';
import { strongest } from './effect.ts';
import { nameMatcher } from './glob.ts';
import { isLibrary, readLibrary } from './library.ts';
import type { PolicyFile, PolicySet } from './policy-set.ts';
import type { PolicyProblem, ProblemCode } from './problem.ts';
import { shortest } from './retention.ts';
import type { Demands, Rule } from './rule.ts';
import { readShape } from './shape.ts';
import { unsoundTrials } from './trial.ts';
import { unsafeGrants } from './unsafe-grants.ts';
import { unusedReviews } from './unused-reviews.ts';
import { warningsOf } from './warnings.ts';
import { readYaml } from './yaml-file.ts';

/** The name under which the default answers; no rule may take it. */
export const DEFAULT_RULE = 'default';

/** Whether a file holds test cases and no policy. */
export function isPolicyTest(path: string): boolean {
  return /\.test\.ya?ml$/.test(path);
}

/**
 * Loads the files of one workspace as one set: all of them, or none. Files named `*.test.yaml` are skipped, those named
 * `*.canaries.yaml` hold canaries of the workspace's own.
 * All problems of all files are reported at once; without any policy file the answer is `no_policy`, so
 * that an empty or mistyped directory never means "allowed".
 */
export function loadPolicySet(
  files: PolicyFile[],
): { ok: true; set: PolicySet; warnings: PolicyProblem[] } | { ok: false; problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const policies = files
    .filter(({ path }) => !isPolicyTest(path))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const nowhere = { line: 1, column: 1 };
  if (policies.every(({ path }) => isLibrary(path))) {
    const message = 'There is no policy file (*.yaml) here. Start from the starter pack in policies/.';
    return { ok: false, problems: [{ file: '', ...nowhere, code: 'no_policy', message }] };
  }
  policies.forEach(({ path }, index) => {
    if (path !== policies[index - 1]?.path) return;
    problems.push({ file: path, ...nowhere, code: 'file_twice', message: 'This path is given twice.' });
  });
  const drafts = policies.flatMap(({ path, text }) => readDraft(path, text, problems));
  refuseTwice(
    drafts.flatMap((draft) => draft.groups),
    'duplicate_group',
    problems,
  );
  refuseTwice(
    drafts.flatMap((draft) => draft.tools),
    'duplicate_tool',
    problems,
  );
  refuseTwice(
    drafts.flatMap((draft) => draft.tiers),
    'duplicate_tier',
    problems,
  );
  refuseTwice(
    drafts.flatMap((draft) => draft.canaries ?? []),
    'duplicate_canaries',
    problems,
  );
  refuseTwice(
    drafts.flatMap(({ flood }) => flood ?? []),
    'duplicate_flood',
    problems,
  );
  refuseTwice(
    drafts.flatMap(({ library }) => library ?? []),
    'duplicate_canary',
    problems,
  );
  refuseTwice(
    drafts.flatMap(({ alerts }) => alerts ?? []),
    'duplicate_alerts',
    problems,
  );
  refuseRulesTwice(drafts, problems);
  if (problems.length > 0) return { ok: false, problems: problems.sort(inReadingOrder) };
  const set = assemble(policies, drafts);
  problems.push(...unsoundTrials(drafts), ...unsafeGrants(drafts, set), ...unusedReviews(drafts));
  if (problems.length > 0) return { ok: false, problems: problems.sort(inReadingOrder) };
  return { ok: true, set, warnings: warningsOf(drafts) };
}

function inReadingOrder(a: PolicyProblem, b: PolicyProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

function readDraft(path: string, text: string, problems: PolicyProblem[]): Draft[] {
  const yaml = readYaml(path, text);
  if (!yaml.ok) {
    problems.push(...yaml.problems);
    return [];
  }
  const read = isLibrary(path) ? readLibrary : readShape;
  const draft = read(path, yaml.value, problems);
  return draft === undefined ? [] : [draft];
}

function assemble(files: PolicyFile[], drafts: Draft[]): PolicySet {
  const tools = drafts.flatMap((draft) => draft.tools);
  const tiers: Partial<Record<Tier, Demands>> = Object.fromEntries(
    drafts.flatMap((draft) => draft.tiers).map(({ name, value }) => [name, value]),
  );
  const [canaries] = drafts.flatMap((draft) => draft.canaries ?? []);
  const unlistedRun = new Map<string, string>();
  for (const { speaksFor } of drafts) {
    if (speaksFor !== undefined && !unlistedRun.has(speaksFor.agent))
      unlistedRun.set(speaksFor.agent, speaksFor.file);
  }
  const flood = drafts.find((draft) => draft.flood !== undefined)?.flood?.value ?? undefined;
  return {
    ...(flood === undefined ? {} : { flood }),
    alerts: drafts.find((draft) => draft.alerts !== undefined)?.alerts?.value ?? ALERTS,
    digest: policyDigest(files),
    files,
    groups: Object.fromEntries(
      drafts.flatMap(({ groups }) => groups.map(({ name, value }) => [name, value])),
    ),
    rules: drafts.flatMap((draft) => draft.rules).map((draft) => assembleRule(draft, tiers)),
    default: { effect: defaultOf(drafts), demands: fillDemands(DEFAULT_RULE, DEFAULT_TIER, {}, tiers) },
    unlistedRun,
    ...(canaries?.value === undefined ? {} : { canaries: canaries.value }),
    library: drafts.flatMap(({ library = [] }) => library.map(({ value }) => value)),
    tiers,
    tools: {
      exact: new Map(tools.filter(({ name }) => !name.includes('*')).map(({ name, value }) => [name, value])),
      globs: tools
        .filter(({ name }) => name.includes('*'))
        .map(({ name, value }) => ({ pattern: name, facts: value })),
    },
    retention: shortest(drafts.flatMap(({ retention }) => retention ?? [])),
  };
}

function assembleRule(draft: DraftRule, tiers: Partial<Record<Tier, Demands>>): Rule {
  const agentMatches = nameMatcher(draft.agents ?? ['*']);
  const toolMatches = nameMatcher(draft.tools ?? ['*']);
  return {
    name: draft.name,
    file: draft.file,
    effect: draft.effect,
    shadow: draft.shadow === true,
    ...trialOf(draft.trial),
    concerns: (agent, tool) => toolMatches(tool) && agentMatches(agent),
    ...(draft.when === undefined ? {} : { when: draft.when }),
    ...(draft.message === undefined ? {} : { message: draft.message }),
    demands: fillDemands(draft.name, draft.tier ?? DEFAULT_TIER, draft.demands, tiers),
    ...(draft.grants === undefined ? {} : { grants: draft.grants }),
    limits: draft.limits,
    // The rule's own demands at the limit's tier, whose table comes first here: passing a limit tightens.
    exceeded: draft.limits.map(({ tier }) =>
      tier === undefined
        ? undefined
        : fillDemands(draft.name, tier, { ...draft.demands, ...tiers[tier] }, {}),
    ),
  };
}

/** A trial of which something is missing has been found by then, and its set is not used. */
function trialOf(draft: DraftRule['trial']): Pick<Rule, 'trial'> {
  const { insteadOf = [], otherwise, expires_at } = draft ?? {};
  return otherwise === undefined || expires_at === undefined
    ? {}
    : { trial: { insteadOf, otherwise, expires_at } };
}

/** Where files disagree on the default the strictest wins; where none says one, a human looks. */
function defaultOf(drafts: Draft[]): Effect {
  const stated = drafts.flatMap((draft) => draft.default ?? []);
  return stated.length === 0 ? 'approval_required' : stated.reduce(strongest);
}

function refuseTwice(
  entries: Entry<unknown>[],
  code: Extract<ProblemCode, `duplicate_${string}`>,
  problems: PolicyProblem[],
): void {
  const seen = new Map<string, string>();
  for (const { name, file, problem } of entries) {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, file);
    else
      problems.push(problem([], code, `\`${name}\` is already described in ${first}. Keep one of the two.`));
  }
}

/** Answers name the rules that decided, and limits are counted per rule: names are unique in a set. */
function refuseRulesTwice(drafts: Draft[], problems: PolicyProblem[]): void {
  const seen = new Map<string, string>();
  for (const { name, file, problem } of drafts.flatMap(({ speaksFor, rules }) =>
    speaksFor === undefined ? rules : [],
  )) {
    const first = seen.get(name);
    if (name === DEFAULT_RULE) {
      problems.push(
        problem(['name'], 'duplicate_rule', '`default` is the name of the default. Choose another.'),
      );
    } else if (first === undefined) {
      seen.set(name, file);
    } else {
      problems.push(
        problem(
          ['name'],
          'duplicate_rule',
          `A rule named \`${name}\` stands already in ${first}. Choose another name.`,
        ),
      );
    }
  }
}
