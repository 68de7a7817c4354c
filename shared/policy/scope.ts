/** What the conditions of a policy see of a call. */
import type { JsonObject } from '../contracts/index.ts';
import type { Scope } from './condition/expression.ts';
import type { PolicyAction } from './evaluate.ts';
import type { ToolFacts } from './rule.ts';

const NOTHING: JsonObject = {};

export function scopeOf(action: PolicyAction, tool: ToolFacts | undefined): Scope {
  return {
    param: action.args,
    context: action.context ?? NOTHING,
    agent: action.agent,
    tool: action.tool,
    run_id: action.run_id,
    reversible: tool?.reversible,
    sensitivity: tool?.sensitivity,
  };
}
