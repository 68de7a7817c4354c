/** What is wrong with a policy file, and where. */

/** Stable: scripts and editors match on these. */
export type ProblemCode =
  | 'no_policy'
  | 'file_twice'
  | 'file_too_large'
  | 'yaml_syntax'
  | 'duplicate_key'
  | 'unknown_shape'
  | 'mixed_shapes'
  | 'unknown_key'
  | 'missing_key'
  | 'invalid_value'
  | 'condition_syntax'
  | 'condition_unsupported'
  | 'condition_unknown_name'
  | 'condition_type'
  | 'condition_too_large'
  | 'duplicate_rule'
  | 'duplicate_group'
  | 'duplicate_tier'
  | 'duplicate_tool'
  | 'duplicate_canaries'
  | 'duplicate_flood'
  | 'duplicate_canary'
  | 'canary_unsound'
  | 'duplicate_alerts'
  | 'grant_unsafe'
  | 'review_unused'
  | 'trial_incomplete'
  | 'loosening_alone'
  // Warnings, and `condition_type` where it is one: the set loads, but someone should look.
  | 'unknown_reviewer'
  | 'unused_reviewer'
  | 'unknown_channel'
  | 'step_after_end';

/** One finding. `line` and `column` count from 1; `message` says what to do. */
export type PolicyProblem = {
  file: string;
  line: number;
  column: number;
  code: ProblemCode;
  message: string;
};
