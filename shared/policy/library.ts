/**
 * A library of canaries: calls that somebody wrote, each with one thing wrong that a careful reader catches. For drills,
 * and for planting where nothing tells one from what its agent asks anyway (docs/canaries.md, "The library").
 */
import { difficultyOf, withValue } from '../canaries/index.ts';
import { valueAt } from '../card/index.ts';
import type { Json, JsonObject, MutationKind, Preview, Tier } from '../contracts/index.ts';
import type { Difficulty, Said } from '../request/index.ts';
import type { Draft, Entry } from './draft.ts';
import type { PolicyProblem } from './problem.ts';
import type { ToolFacts } from './rule.ts';
import { LibraryFile, type WrittenCanary } from './schema/library.ts';
import { readYaml, validate, type YamlFile } from './yaml-file.ts';

export type LibraryCanary = {
  name: string;
  /** `drill`: shown in practice, and never planted. `canary`: planted at most once, and never shown in practice. */
  use: 'drill' | 'canary';
  agent: string;
  tool: string;
  /** As the call would be right. `wrongArgs` are the same with the one thing wrong. */
  args: JsonObject;
  wrongArgs: JsonObject;
  /** What its agent says with it: it names the right value, and never the wrong one. */
  said: Pick<Said, 'reason' | 'preview' | 'context' | 'transcript'>;
  kind: MutationKind;
  /** Dotted path of the value that is wrong in `wrongArgs`, and both values. */
  path: string;
  wrong: Json;
  right: Json;
  /** Worked out: `plain` where reason or summary name the right value, `buried` where only what stands deeper does. */
  difficulty: Difficulty;
  /** Where to look, and what to hold it against: one or two sentences for whoever missed it. */
  look: string;
  /** How a card of it is drawn in practice, where policy says nothing of the tool. */
  tier: Tier;
  facts: ToolFacts;
};

/** Whether a file holds canaries, and no policy. */
export function isLibrary(path: string): boolean {
  return /\.canaries\.ya?ml$/.test(path);
}

/** Reads one such file by itself, or says what is wrong with it. */
export function readCanaries(
  path: string,
  text: string,
): { ok: true; canaries: LibraryCanary[] } | { ok: false; problems: PolicyProblem[] } {
  const yaml = readYaml(path, text);
  if (!yaml.ok) return yaml;
  const problems: PolicyProblem[] = [];
  const { library = [] } = readLibrary(path, yaml.value, problems) ?? {};
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, canaries: library.map(({ value }) => value) };
}

/** Reads such a file as part of a set. Findings are added to `problems`. */
export function readLibrary(file: string, yaml: YamlFile, problems: PolicyProblem[]): Draft | undefined {
  const read = validate(yaml, LibraryFile);
  if (!read.ok) {
    problems.push(...read.problems);
    return undefined;
  }
  const library = read.value.canaries.flatMap((written, index): Entry<LibraryCanary>[] => {
    const problem: Entry<unknown>['problem'] = (path, code, message) =>
      yaml.problemAt(['canaries', index, ...path], code, message);
    const value = canaryOf(written, (path, message) =>
      problems.push(problem(path, 'canary_unsound', message)),
    );
    return value === undefined ? [] : [{ name: written.name, value, file, problem }];
  });
  return { groups: [], tools: [], tiers: [], rules: [], library };
}

/** Undefined, and why, for one that nobody could catch by reading, or that its own kind gives away. */
function canaryOf(
  written: WrittenCanary,
  unsound: (path: string[], message: string) => void,
): LibraryCanary | undefined {
  const {
    name,
    use = 'drill',
    agent,
    tool,
    args,
    reason,
    preview,
    context,
    transcript,
    wrong,
    look,
  } = written;
  const { path, value, kind = 'other_value' } = wrong;
  const right = valueAt(args, path);
  if (right === undefined || isCompound(right)) {
    unsound(['wrong', 'path'], `There is no single value at \`${path}\` in \`args\` that could be wrong.`);
    return undefined;
  }
  if (typeof value !== typeof right || value === right) {
    const message = `Write another ${typeof right} than the right one, which is ${JSON.stringify(right)}.`;
    unsound(['wrong', 'value'], message);
    return undefined;
  }
  const summary = typeof preview?.summary === 'string' ? preview.summary : undefined;
  const behind = [context, transcript, preview as Json | undefined];
  const difficulty = difficultyOf({ args, said: [reason, summary], behind }, path, right, value);
  if (difficulty === undefined) {
    const message = `Nobody could catch this by reading: what the request says beside \`${path}\` has to name ${JSON.stringify(right)}, and must not name ${JSON.stringify(value)}.`;
    unsound(['wrong'], message);
    return undefined;
  }
  const said = {
    ...(context === undefined ? {} : { context }),
    ...(reason === undefined ? {} : { reason }),
    ...(preview === undefined ? {} : { preview: preview as Preview }),
    ...(transcript === undefined ? {} : { transcript }),
  };
  return {
    name,
    use,
    agent,
    tool,
    args,
    wrongArgs: withValue(args, path.split('.'), value),
    said,
    kind,
    path,
    wrong: value,
    right,
    difficulty,
    look,
    tier: written.tier ?? 'medium',
    facts: written.facts ?? {},
  };
}

const isCompound = (value: Json): boolean => typeof value === 'object' && value !== null;
