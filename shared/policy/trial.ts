/**
 * Rules that are tried for a while in the place of others, asking less: loosening that two people answer for and that
 * ends by itself. What they stand in for is back when the trial is over.
 */
import type { Effect } from '../contracts/index.ts';
import type { Draft, DraftRule } from './draft.ts';
import type { PolicySet } from './policy-set.ts';
import type { PolicyProblem } from './problem.ts';
import type { Rule } from './rule.ts';

export type Trial = {
  /** Names of the rules that are set aside for the calls which the trial speaks for. */
  insteadOf: string[];
  /** What calls get for which its condition does not hold. */
  otherwise: Effect;
  /** From then on the trial is as if it were not written, ms. */
  expires_at: number;
};

/** A trial as it is written, before anybody has looked whether all of it is there. */
export type DraftTrial = Pick<Trial, 'insteadOf'> & Partial<Trial>;

/** How many people answer for asking less. */
const leastPeople = 2;

/** What is missing from a trial, and what may not be set aside. */
export function unsoundTrials(drafts: readonly Draft[]): PolicyProblem[] {
  const rules = drafts.flatMap((draft) => draft.rules);
  return rules.flatMap((draft) => [...incomplete(draft), ...unknown(draft, rules)]);
}

function incomplete({ trial, when, effect, shadow, approved_by = [], problem }: DraftRule): PolicyProblem[] {
  if (trial === undefined) {
    if (approved_by.length === 0) return [];
    const message = 'Only a rule with `otherwise` asks less than before. Remove `approved_by`.';
    return [problem(['approved_by'], 'trial_incomplete', message)];
  }
  const found: PolicyProblem[] = [];
  const wrong = (path: PropertyKey[], message: string): void => {
    found.push(problem(path, 'trial_incomplete', message));
  };
  if (trial.otherwise === undefined)
    wrong(['name'], 'Add `otherwise`: what calls get for which the condition does not hold.');
  if (when === undefined) wrong(['otherwise'], 'Add `when`: without it there is nothing otherwise.');
  if (effect !== 'approval_required' && effect !== 'review_after')
    wrong(['effect'], 'A trial asks where its condition holds: write approval_required or review_after.');
  if (trial.expires_at === undefined) wrong(['otherwise'], 'Add `expires`: a trial ends by itself.');
  if (shadow !== true && new Set(approved_by).size < leastPeople) {
    const message =
      'Asking less takes two: list them in `approved_by`, or leave the rule a shadow (`shadow: true`).';
    found.push(problem(['otherwise'], 'loosening_alone', message));
  }
  return found;
}

function unknown({ name, trial, problem }: DraftRule, rules: readonly DraftRule[]): PolicyProblem[] {
  return (trial?.insteadOf ?? []).flatMap((other, index) => {
    const rule = rules.find((each) => each.name === other && other !== name);
    const why =
      rule === undefined
        ? `There is no other rule named \`${other}\`.`
        : rule.effect === 'deny'
          ? `\`${other}\` denies, and nothing stands in for a denial.`
          : rule.trial !== undefined || rule.shadow === true
            ? `\`${other}\` is a trial or a shadow itself.`
            : undefined;
    return why === undefined ? [] : [problem(['instead_of', index], 'trial_incomplete', `${why} Remove it.`)];
  });
}

/** A rule that matches a call; `error` says why its condition has no answer, `exceeded` which limits it passed. */
type Match = { rule: Rule; error?: string; exceeded: number[] };

/**
 * Without the rules that a trial among them stands in for. A trial whose condition could not be evaluated stands in for
 * none (law 3), nor does one that passed a limit.
 */
export function besideTrials<M extends Match>(matches: readonly M[]): readonly M[] {
  const aside = matches.flatMap(({ rule, error, exceeded }) =>
    error === undefined && exceeded.length === 0 ? (rule.trial?.insteadOf ?? []) : [],
  );
  return aside.length === 0 ? matches : matches.filter(({ rule }) => !aside.includes(rule.name));
}

type View = { from: number; until: number; set: PolicySet };
const views = new WeakMap<PolicySet, View>();

/**
 * The set without the trials that are over at `now` (ms), and until when (ms) that is how it stays. The very same set
 * where none is over. Its digest stays: it is of the files.
 */
export function inForceAt(set: PolicySet, now: number): View {
  const known = views.get(set);
  if (known !== undefined && now >= known.from && now < known.until) return known;
  const isOver = (trial: Trial | undefined): boolean => trial !== undefined && trial.expires_at <= now;
  const ends = set.rules.flatMap(({ trial }) => trial?.expires_at ?? []);
  const rules = set.rules.filter(({ trial }) => !isOver(trial));
  const view = {
    from: Math.max(-Infinity, ...ends.filter((end) => end <= now)),
    until: Math.min(Infinity, ...ends.filter((end) => end > now)),
    set: rules.length === set.rules.length ? set : { ...set, rules },
  };
  views.set(set, view);
  return view;
}
