/** What one file contributes to a policy set, before the files are put together. */
import type { Effect, Tier } from '../contracts/index.ts';
import type { Alerts } from './alerts.ts';
import type { Condition } from './condition/condition.ts';
import type { Flood } from './flood.ts';
import type { Grants } from './grants.ts';
import type { LibraryCanary } from './library.ts';
import type { PolicyProblem } from './problem.ts';
import type { Programme } from './programme.ts';
import type { Retention } from './retention.ts';
import type { Demands, Limit, ToolFacts } from './rule.ts';
import type { DraftTrial } from './trial.ts';
import type { Path } from './yaml-file.ts';

/** A rule as its file states it; the tier's table may stand in another file. */
export type DraftRule = {
  name: string;
  file: string;
  effect: Effect;
  /** It only records what it would have done. */
  shadow?: true;
  /** Stands in for others, for a while. */
  trial?: DraftTrial;
  approved_by?: string[];
  /** Globs; absent: all. */
  agents?: string[];
  tools?: string[];
  when?: Condition;
  message?: string;
  tier?: Tier;
  demands: Demands;
  grants?: Grants;
  limits: Limit[];
  /** For findings that show only when the files are put together. */
  problem: (path: Path, code: PolicyProblem['code'], message: string) => PolicyProblem;
};

/** A named thing that may stand only once in a set, with the place to blame when it does not. */
export type Entry<T> = { name: string; value: T; file: string; problem: DraftRule['problem'] };

export type Draft = {
  /** The agent whose unlisted tools run; `*` for all; undefined for a file of our own shape. */
  speaksFor?: { agent: string; file: string };
  default?: Effect;
  /** null: off. */
  flood?: Entry<Flood | null>;
  alerts?: Entry<Alerts>;
  groups: Entry<string[]>[];
  tools: Entry<ToolFacts>[];
  tiers: Entry<Demands>[];
  /** At most one: undefined is one that is switched off. */
  canaries?: Entry<Programme | undefined>[];
  library?: Entry<LibraryCanary>[];
  rules: DraftRule[];
  retention?: Retention;
};
