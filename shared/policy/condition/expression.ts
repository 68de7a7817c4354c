/** What a compiled part of a condition is, and what it may look at. */
import type { Json, JsonObject } from '../../contracts/index.ts';
import type { Fault } from './fault.ts';
import type { Node, Scalar } from './tree.ts';

/** Everything a condition can see. Made in one place with all members, so that reads stay fast. */
export type Scope = {
  param: JsonObject;
  context: JsonObject;
  agent: string;
  tool: string;
  run_id: string | undefined;
  reversible: boolean | undefined;
  sensitivity: string | undefined;
};

/** Never throws: what can not be evaluated is a {@link Fault}. */
export type Run = (scope: Scope) => Json | Fault;

/** What is known of a value before it is there. */
export type StaticKind = 'text' | 'number' | 'boolean' | 'null' | 'list' | 'unknown';

export type Expression = {
  kind: StaticKind;
  run: Run;
  /** As written, for messages. */
  text: string;
  /** Set for a literal: comparisons with one are compiled to less work. */
  literal?: Scalar;
  /** Set for a list literal. */
  items?: Scalar[];
  /** Set for a path. */
  path?: Extract<Node, { kind: 'path' }>;
};

/**
 * Records a mistake that shows when the policy loads. As a `warning` it lets the policy load: every call
 * that reaches the place goes to a human.
 */
export type Report = (node: Node, message: string, severity?: 'problem' | 'warning') => void;
