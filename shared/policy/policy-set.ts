/** A loaded policy: all files of a workspace as one, ready to be asked. */
import type { Effect, Tier } from '../contracts/index.ts';
import type { Alerts } from './alerts.ts';
import type { Flood } from './flood.ts';
import { matchesGlob } from './glob.ts';
import type { LibraryCanary } from './library.ts';
import type { Programme } from './programme.ts';
import type { Retention } from './retention.ts';
import type { Demands, FilledDemands, Rule, ToolFacts } from './rule.ts';

/** `path` is relative to the workspace's policy directory. */
export type PolicyFile = { path: string; text: string };

export type PolicySet = {
  /** `sha256:…` over every path and text, in path order. */
  digest: string;
  /** In path order. */
  files: PolicyFile[];
  groups: Record<string, string[]>;
  /** In the order of files, then of lines. */
  rules: Rule[];
  /** What happens where no rule matches. */
  default: { effect: Effect; demands: FilledDemands };
  /** Agents with a file of their own, by name (`*`: all agents), and that file: their unlisted tools run. */
  unlistedRun: ReadonlyMap<string, string>;
  tools: ToolTable;
  /** What each tier asks for, as far as it is said. */
  tiers: Partial<Record<Tier, Demands>>;
  /** Absent: nobody is held back for asking much. */
  flood?: Flood;
  /** Of what leads are told unasked. */
  alerts: Alerts;
  retention: Retention;
  /** The programme of canaries. Absent: none are planted. */
  canaries?: Programme;
  /** Canaries and practice cards that somebody here has written, in the order of files, then of lines. */
  library: readonly LibraryCanary[];
};

export type ToolTable = {
  exact: ReadonlyMap<string, ToolFacts>;
  /** Patterns in the order of files, then of lines: the first that matches counts. */
  globs: { pattern: string; facts: ToolFacts }[];
};

/** What the tools table says of a tool: its own entry, else the first pattern that matches. */
export function factsOf(tools: ToolTable, tool: string): ToolFacts | undefined {
  return tools.exact.get(tool) ?? tools.globs.find(({ pattern }) => matchesGlob(pattern, tool))?.facts;
}
