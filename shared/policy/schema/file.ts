/** The three shapes of policy files. Messages say what to write; positions are added by the reader. */
import { z } from 'zod';
import { Effect } from '../../contracts/index.ts';
import { alerts } from './alerts.ts';
import { flood } from './flood.ts';
import { programme } from './programme.ts';
import { rule, tierTable, tool } from './rule.ts';
import { closed, condition, name, oneOf, onRejection, period, text, timeout } from './value.ts';

/** Shape 1: rules with names. */
export const OwnFile = closed({
  version: z.literal(1, { error: 'This reads version 1.' }).exactOptional(),
  default: oneOf(Effect.options).exactOptional(),
  groups: z
    .record(name, z.array(name, { error: 'Write a list of people.' }), {
      error: 'Write a mapping of group names to lists of people.',
    })
    .exactOptional(),
  tools: z.record(name, tool, { error: 'Write a mapping of tool names to what they are.' }).exactOptional(),
  tiers: closed({
    low: tierTable.exactOptional(),
    medium: tierTable.exactOptional(),
    high: tierTable.exactOptional(),
    critical: tierTable.exactOptional(),
  }).exactOptional(),
  retention: closed({ texts: period.exactOptional(), names: period.exactOptional() }).exactOptional(),
  canaries: programme.exactOptional(),
  flood: flood.exactOptional(),
  alerts: alerts.exactOptional(),
  rules: z.array(rule, { error: 'Write a list of rules.' }).exactOptional(),
});
export type OwnFile = z.infer<typeof OwnFile>;

const GATE = 'Write a tool, or a tool with its condition: `- orders.refund: param.amount > 50`.';
const gates = z.array(
  z.union(
    [name, z.record(name, condition).refine((entry) => Object.keys(entry).length === 1, { error: GATE })],
    { error: GATE },
  ),
  { error: 'Write a list of tools.' },
);
export type WrittenGate = z.infer<typeof gates>[number];

/** An agent's file speaks for one agent, or for all by having no name. */
const agentName = name.regex(/^[^*]*$/, 'An agent’s file names one agent: `*` is not a pattern here.');

/** Shape 2: an agent's own file. Keys outside the block belong to the agent and are ignored. */
export const AgentFile = z.object({
  name: agentName,
  approval: closed({
    tools: gates,
    timeout: timeout.exactOptional(),
    message: text('what the reviewer should know').exactOptional(),
    on_rejection: onRejection.exactOptional(),
  }),
});

/** Shape 3: a bare list. Nameless, it speaks for all agents. */
export const ListFile = z.object({
  name: agentName.exactOptional(),
  approvals: closed({
    required_for: gates,
    ttl_seconds: timeout.exactOptional(),
    fallback_when_not_approved: oneOf(['stop', 'continue']).exactOptional(),
  }),
});
