/** The checked form of a condition: only what the language has can be written in this type. */

export type Root = 'param' | 'context' | 'agent' | 'tool' | 'run_id';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';
export type BinaryOperator = Comparison | Arithmetic | 'and' | 'or' | 'in' | 'not in';
export type Scalar = string | number | boolean | null;

/** `at` and `end` are offsets into the condition's text, for messages. */
export type Node = { at: number; end: number } & (
  | { kind: 'literal'; value: Scalar }
  | { kind: 'list'; items: Scalar[] }
  | { kind: 'path'; root: Root; keys: (string | number)[] }
  | { kind: 'call'; name: string; args: Node[] }
  | { kind: 'not'; operand: Node }
  | { kind: 'negate'; operand: Node }
  | { kind: 'binary'; operator: BinaryOperator; left: Node; right: Node }
);

/** Something that may not stand in a condition. `index` counts from 0 in the condition's text. */
export type ConditionProblem = {
  index: number;
  code:
    | 'condition_syntax'
    | 'condition_unsupported'
    | 'condition_unknown_name'
    | 'condition_type'
    | 'condition_too_large';
  message: string;
};
