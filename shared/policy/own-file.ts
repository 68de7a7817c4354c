/** Shape 1: our own file, with named rules and the tables of groups, tools and tiers. */
import type { Draft, DraftRule, Entry } from './draft.ts';
import type { StatedStep } from './escalation.ts';
import { FLOOD, type Flood } from './flood.ts';
import type { Grants } from './grants.ts';
import type { PolicyProblem } from './problem.ts';
import { programmeOf } from './programme.ts';
import type { Retention } from './retention.ts';
import type { Demands, Limit, ReviewTerms } from './rule.ts';
import { alertsOf } from './schema/alerts.ts';
import { OwnFile } from './schema/file.ts';
import type { WrittenFlood } from './schema/flood.ts';
import type { WrittenDemands, WrittenRule } from './schema/rule.ts';
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
  /** What may stand in one file of a set. */
  const once = <T>(name: string, value: T): Entry<T> => ({
    name,
    value,
    file,
    problem: (path, code, message) => yaml.problemAt([name, ...path], code, message, 'key'),
  });
  return {
    ...(written.default === undefined ? {} : { default: written.default }),
    ...(written.flood === undefined ? {} : { flood: once('flood', floodOf(written.flood)) }),
    ...(written.alerts === undefined ? {} : { alerts: once('alerts', alertsOf(written.alerts)) }),
    groups: entries('groups', written.groups),
    tools: entries('tools', written.tools),
    tiers: entries('tiers', written.tiers).map((entry) => ({ ...entry, value: demandsOf(entry.value) })),
    ...(written.retention === undefined ? {} : { retention: retentionOf(written.retention) }),
    canaries: written.canaries === undefined ? [] : [once('canaries', programmeOf(written.canaries))],
    rules: (written.rules ?? []).map((rule, index) => readRule(file, rule, index, yaml)),
  };
}

function retentionOf({ texts, names }: NonNullable<OwnFile['retention']>): Retention {
  return {
    ...(texts === undefined ? {} : { texts_ms: texts }),
    ...(names === undefined ? {} : { names_ms: names }),
  };
}

function readRule(file: string, written: WrittenRule, index: number, yaml: YamlFile): DraftRule {
  return {
    ...present(written, 'name', 'effect', 'shadow', 'agents', 'tools', 'when', 'message', 'tier'),
    file,
    ...trialOf(written),
    demands: { ...demandsOf(written), ...present(written, 'editable') },
    ...(written.grants === undefined ? {} : { grants: grantsOf(written.grants) }),
    limits: (written.limits ?? []).map(limitOf),
    problem: (path, code, text) => yaml.problemAt(['rules', index, ...path], code, text),
  };
}

function floodOf(written: WrittenFlood): Flood | null {
  if (written === 'off') return null;
  const { asks, window, rejections, throttle } = written;
  return {
    ...FLOOD,
    ...(asks === undefined ? {} : { asks: asks === 'off' ? null : asks }),
    ...(window === undefined ? {} : { window_ms: window }),
    ...(rejections === undefined ? {} : { rejections: rejections === 'off' ? null : rejections }),
    ...present(written, 'pause'),
    ...(throttle === undefined ? {} : { throttle_ms: throttle }),
  };
}

function trialOf({ instead_of, otherwise, expires, approved_by }: WrittenRule) {
  const by = approved_by === undefined ? {} : { approved_by };
  if (instead_of === undefined && otherwise === undefined && expires === undefined) return by;
  const trial = {
    insteadOf: instead_of ?? [],
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(expires === undefined ? {} : { expires_at: expires }),
  };
  return { trial, ...by };
}

function limitOf(written: NonNullable<WrittenRule['limits']>[number]): Limit {
  const { sum, count, window } = written;
  const of = sum !== undefined ? { sum } : count === true ? { count } : { cost: true as const };
  return { of, window_ms: window, ...present(written, 'per', 'over', 'tier') };
}

function grantsOf(written: NonNullable<WrittenRule['grants']>): Grants {
  return { calls: written.calls, for_ms: written.for, per: written.per ?? null };
}

/** From the words of a file to the engine's own: milliseconds, and nothing where nothing was said. */
function demandsOf(written: WrittenDemands | WrittenRule): Demands {
  const { timeout, hold, valid_for, escalate, batch, review } = written;
  return {
    ...present(written, 'channels', 'reviewers', 'quorum', 'on_rejection', 'friction', 'requires'),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
    ...(hold === undefined ? {} : { hold_ms: hold }),
    ...(valid_for === undefined ? {} : { valid_for_ms: valid_for }),
    ...(escalate === undefined ? {} : { escalate: escalate.map(stepOf) }),
    ...(batch === undefined ? {} : { batch: batch === 'never' ? null : batch }),
    ...(review === undefined ? {} : { review: reviewOf(review) }),
  };
}

function reviewOf({
  window,
  undo_within,
  sample,
}: NonNullable<WrittenDemands['review']>): Partial<ReviewTerms> {
  return {
    ...(window === undefined ? {} : { window_ms: window }),
    ...(sample === undefined ? {} : { sample }),
    ...(undo_within === undefined ? {} : { undo_within_ms: undo_within }),
  };
}

function stepOf(written: NonNullable<WrittenDemands['escalate']>[number]): StatedStep {
  const { after: after_ms, notify = [], reviewers = [], channels = [] } = written;
  return { after_ms, notify, reviewers, channels };
}

/** These members, where they are there: what was not written stays absent, so that a tier can fill it. */
function present<T extends object, K extends keyof T>(value: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in value).map((key) => [key, value[key]])) as Pick<T, K>;
}
