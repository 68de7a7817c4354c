/** How policy of now would put a card before people, asked as if nothing had been counted. Pure. */
import type { JsonObject } from '@countersign/shared/contracts';
import {
  askedInPractice,
  DEFAULT_RULE,
  evaluate,
  fromMicros,
  type LibraryCanary,
  type LimitReadings,
  type PolicyAction,
  type PolicyAnswer,
  type PolicySet,
  stakesOf,
} from '@countersign/shared/policy';
import { type Loaded, tierRank } from '@countersign/shared/request';
import type { Current } from '../workspace/workspaces.ts';

/** Limits over time as they would stand for the very first call: a drill counts nothing, and is counted in nothing. */
function asIfFirst(policy: PolicySet, action: PolicyAction): LimitReadings {
  const readings: LimitReadings = {};
  for (const stake of stakesOf(policy, action)) {
    const ofRule = readings[stake.rule] ?? [];
    readings[stake.rule] = ofRule;
    ofRule[stake.limit] = 'fault' in stake ? { error: stake.fault } : { total: fromMicros(stake.amount) };
  }
  return readings;
}

/**
 * Policy's answer, where that is to ask a human, of tier medium or above, as canaries are; undefined otherwise, and where
 * a rule could not be evaluated: the card would say so, and be told apart by it.
 */
function asked(policy: PolicySet, action: PolicyAction): PolicyAnswer | undefined {
  const answer = evaluate(policy, action, asIfFirst(policy, action));
  const asks = answer.effect === 'approval_required' && tierRank[answer.terms.tier] <= tierRank.medium;
  const unread = ({ error, exceeded = [] }: PolicyAnswer['rules'][number]): boolean =>
    error !== undefined || exceeded.some(({ total }) => total === null);
  return asks && !answer.rules.some(unread) ? answer : undefined;
}

/** The answer to a call of history with these arguments; undefined where a human would not be asked. */
export function askedOfHistory(
  { record, payloads }: Loaded,
  args: JsonObject,
  { snapshot: { policy } }: Current,
): PolicyAnswer | undefined {
  const { agent, tool, cost, run_id } = record;
  const context = record.context_trusted ? payloads.first?.said?.context : undefined;
  return asked(policy, {
    ...{ agent, tool, args },
    ...(context === undefined ? {} : { context }),
    ...(run_id === undefined ? {} : { run_id }),
    ...(cost === undefined ? {} : { cost }),
  });
}

/**
 * The answers to a card of a library: those of policy's rules, where they ask about it both wrong and right; else as the
 * card says, with what its tier asks for here. Never the one of this and the other of that: it would tell them apart.
 */
export function askedOfLibrary(
  { agent, tool, args, wrongArgs, said: { context }, tier, facts }: LibraryCanary,
  { snapshot: { policy } }: Current,
): { wrong: PolicyAnswer; right: PolicyAnswer } {
  const actionOf = (some: JsonObject): PolicyAction => ({
    ...{ agent, tool, args: some },
    ...(context === undefined ? {} : { context }),
  });
  const byRule = (some: JsonObject): PolicyAnswer | undefined => {
    const answer = asked(policy, actionOf(some));
    return answer?.rules.some(({ name }) => name !== DEFAULT_RULE) ? answer : undefined;
  };
  const [wrong, right] = [byRule(wrongArgs), byRule(args)];
  if (wrong !== undefined && right !== undefined) return { wrong, right };
  const asWritten = (some: JsonObject) => askedInPractice(policy, actionOf(some), tier, facts);
  return { wrong: asWritten(wrongArgs), right: asWritten(args) };
}
