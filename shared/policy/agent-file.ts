/** Shapes 2 and 3: files that come from agents' own repositories and list what is gated. */
import type { Draft, DraftRule } from './draft.ts';
import type { PolicyProblem } from './problem.ts';
import type { Demands } from './rule.ts';
import { AgentFile, ListFile, type WrittenGate } from './schema/file.ts';
import { type Path, validate, type YamlFile } from './yaml-file.ts';

/** Reads an agent's file with an `approval` block. Findings are added to `problems`. */
export function readAgentFile(file: string, yaml: YamlFile, problems: PolicyProblem[]): Draft | undefined {
  const read = validate(yaml, AgentFile);
  if (!read.ok) {
    problems.push(...read.problems);
    return undefined;
  }
  const { name, approval } = read.value;
  const demands: Demands = {
    ...(approval.timeout === undefined ? {} : { timeout_ms: approval.timeout }),
    on_rejection: approval.on_rejection ?? 'fail',
  };
  return gated(
    {
      file,
      agent: name,
      gates: approval.tools,
      path: ['approval', 'tools'],
      demands,
      message: approval.message,
    },
    yaml,
  );
}

/** Reads a bare list under `approvals`. Findings are added to `problems`. */
export function readListFile(file: string, yaml: YamlFile, problems: PolicyProblem[]): Draft | undefined {
  const read = validate(yaml, ListFile);
  if (!read.ok) {
    problems.push(...read.problems);
    return undefined;
  }
  const { name, approvals } = read.value;
  const { required_for, ttl_seconds, fallback_when_not_approved: fallback } = approvals;
  const demands: Demands = {
    ...(ttl_seconds === undefined ? {} : { timeout_ms: ttl_seconds }),
    on_rejection: fallback === 'continue' ? 'continue' : 'fail',
  };
  return gated(
    {
      file,
      agent: name ?? '*',
      gates: required_for,
      path: ['approvals', 'required_for'],
      demands,
      message: undefined,
    },
    yaml,
  );
}

type Gated = {
  file: string;
  /** Plain name, or `*` for every agent. */
  agent: string;
  gates: WrittenGate[];
  path: Path;
  demands: Demands;
  message: string | undefined;
};

/** One rule per gated tool, named for the agent and the tool. */
function gated({ file, agent, gates, path, demands, message }: Gated, yaml: YamlFile): Draft {
  const rules = gates.map((gate, index): DraftRule => {
    const [tool = '', when] = typeof gate === 'string' ? [gate] : (Object.entries(gate)[0] ?? []);
    const place = when === undefined ? [...path, index] : [...path, index, tool];
    return {
      name: `${agent === '*' ? 'approvals' : agent}: ${tool}`,
      file,
      effect: 'approval_required',
      ...(agent === '*' ? {} : { agents: [agent] }),
      tools: [tool],
      ...(when === undefined ? {} : { when }),
      ...(message === undefined ? {} : { message }),
      demands,
      limits: [],
      problem: (inner, code, text) => yaml.problemAt([...place, ...inner], code, text),
    };
  });
  return { speaksFor: { agent, file }, groups: [], tools: [], tiers: [], rules };
}
