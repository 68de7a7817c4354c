/** Shape 1: our own file, with named rules and the tables of groups, tools and tiers. */
import type { Draft, DraftRule, Entry } from './draft.ts';
import type { PolicyProblem } from './problem.ts';
import type { Demands, EscalationStep, Limit } from './rule.ts';
import { OwnFile, type WrittenDemands, type WrittenRule } from './schema.ts';
import { validate, type YamlFile } from './yaml-file.ts';

/** Reads a file of shape 1. Findings are added to `problems`. */
export function readOwnFile(file: string, yaml: YamlFile, problems: PolicyProblem[]): Draft | undefined {
  const read = validate(yaml, OwnFile);
  if (!read.ok) {
    problems.push(...read.problems);
    return undefined;
  }
  const written = read.value;
  const entries = <T>(table: string, values: Record<string, T> = {}): Entry<T>[] =>
    Object.entries(values).map(([name, value]) => ({
      name,
      value,
      file,
      problem: (path, code, message) => yaml.problemAt([table, name, ...path], code, message, 'key'),
    }));
  return {
    ...(written.default === undefined ? {} : { default: written.default }),
    groups: entries('groups', written.groups),
    tools: entries('tools', written.tools),
    tiers: entries('tiers', written.tiers).map((entry) => ({ ...entry, value: demandsOf(entry.value) })),
    rules: (written.rules ?? []).map((rule, index) => readRule(file, rule, index, yaml)),
  };
}

function readRule(file: string, written: WrittenRule, index: number, yaml: YamlFile): DraftRule {
  const { name, effect, agents, tools, tier, when, message, quorum, editable, limits = [] } = written;
  return {
    name,
    file,
    effect,
    ...(agents === undefined ? {} : { agents }),
    ...(tools === undefined ? {} : { tools }),
    ...(when === undefined ? {} : { when }),
    ...(message === undefined ? {} : { message }),
    ...(tier === undefined ? {} : { tier }),
    demands: {
      ...demandsOf(written),
      ...(quorum === undefined ? {} : { quorum }),
      ...(editable === undefined ? {} : { editable }),
    },
    limits: limits.map(limitOf),
    problem: (path, code, text) => yaml.problemAt(['rules', index, ...path], code, text),
  };
}

function limitOf(written: NonNullable<WrittenRule['limits']>[number]): Limit {
  const { sum, count, per, window, over, tier } = written;
  return {
    of: sum !== undefined ? { sum } : count === true ? { count } : { cost: true },
    ...(per === undefined ? {} : { per }),
    window_ms: window,
    over,
    ...(tier === undefined ? {} : { tier }),
  };
}

/** From the words of a file to the engine's own: milliseconds, and nothing where nothing was said. */
function demandsOf(written: WrittenDemands | WrittenRule): Demands {
  const { channels, reviewers, timeout, hold, valid_for, on_rejection, friction, requires, escalate } =
    written;
  return {
    ...(channels === undefined ? {} : { channels }),
    ...(reviewers === undefined ? {} : { reviewers }),
    ...(written.quorum === undefined ? {} : { quorum: written.quorum }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
    ...(hold === undefined ? {} : { hold_ms: hold }),
    ...(valid_for === undefined ? {} : { valid_for_ms: valid_for }),
    ...(on_rejection === undefined ? {} : { on_rejection }),
    ...(friction === undefined ? {} : { friction }),
    ...(requires === undefined ? {} : { requires }),
    ...(escalate === undefined ? {} : { escalate: escalate.map(stepOf) }),
  };
}

function stepOf(written: NonNullable<WrittenDemands['escalate']>[number]): EscalationStep {
  return { after_ms: written.after, notify: written.notify ?? [], reviewers: written.reviewers ?? [] };
}
