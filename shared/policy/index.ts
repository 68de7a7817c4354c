/** The policy engine: load a workspace's files, then ask. Pure; see docs/policy.md for the language. */
export type { Effect, Json, JsonObject, Tier } from '../contracts/index.ts';
export { ALERTS, type Alerts } from './alerts.ts';
export type { Combined } from './combine.ts';
export { parseDuration } from './duration.ts';
export { type EscalationStep, inOneLadder, sameStep, widen } from './escalation.ts';
export {
  type Exceeded,
  evaluate,
  type LimitReading,
  type LimitReadings,
  type PolicyAction,
  type PolicyAnswer,
  type RuleHit,
  type ShadowAnswer,
} from './evaluate.ts';
export type { Flood } from './flood.ts';
export { matchesGlob } from './glob.ts';
export { type Grants, likeness, MOST_GRANTED, neverOn } from './grants.ts';
export { isLibrary, type LibraryCanary, readCanaries } from './library.ts';
export { hasLimits, type Stake, stakesOf } from './limits.ts';
export { DEFAULT_RULE, isPolicyTest, loadPolicySet } from './load.ts';
export { fromMicros, MOST_COUNTED } from './micros.ts';
export type { PolicyFile, PolicySet } from './policy-set.ts';
export { type PolicyTestResult, type PolicyTestRun, runPolicyTests } from './policy-tests.ts';
export { askedInPractice } from './practice.ts';
export type { PolicyProblem, ProblemCode } from './problem.ts';
export { isRunning, type Programme } from './programme.ts';
export type { Retention } from './retention.ts';
export type { BatchCaps, Limit, ReviewTerms, Rule, ToolFacts } from './rule.ts';
export { type Friction, NO_TERMS, type Requirement, strengthen, type Terms } from './terms.ts';
export { inForceAt } from './trial.ts';
