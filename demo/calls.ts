/** The calls of an agent, read from a JSON Lines file: one call a line, in the order in which the agent made them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { JsonObject } from '../sdk/index.ts';

/** Keys that are not named here are ignored: such files come from many places. */
const Line = z.object({
  trajectory: z.string().min(1),
  step: z.number().int(),
  agent: z.string().min(1),
  tool: z.string().min(1),
  args: z.custom<JsonObject>((value) => z.record(z.string(), z.json()).safeParse(value).success, {
    error: 'must be a JSON object',
  }),
  call_id: z.string().min(1),
  kind: z.string().optional(),
  customer_said: z.string().nullish(),
  agent_said: z.string().nullish(),
  /** Whether people who judged the conversation expected this very call. */
  expected: z.boolean().optional(),
});
export type Call = z.infer<typeof Line>;

/**
 * The calls in a file: all of one agent.
 *
 * @throws {Error} naming file, line and field of the first line that is not a call.
 */
export function readCalls(path: string): [Call, ...Call[]] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const calls = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [callIn(line, `${path}:${index + 1}`)],
  );
  const [first, ...rest] = calls;
  if (!first) throw new Error(`${path}: has no calls`);
  const other = rest.find(({ agent }) => agent !== first.agent);
  if (other)
    throw new Error(`${path}: has calls of two agents, ${first.agent} and ${other.agent}; play them apart`);
  return [first, ...rest];
}

function callIn(line: string, place: string): Call {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`${place}: not a line of JSON`);
  }
  const parsed = Line.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${place}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The calls by conversation, both in file order. */
export function conversations(calls: readonly Call[]): Call[][] {
  return [...Map.groupBy(calls, (call) => call.trajectory).values()];
}
