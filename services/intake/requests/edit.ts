/** A reviewer's edit, worked out before the lifecycle decides on it: allowed fields, the agent's schema, policy. */
import { Validator } from '@cfworker/json-schema';
import { canonicalize, checkJson } from '@countersign/shared/canonical';
import { type JsonObject, type Problem, problem } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { changesBetween, type Loaded, type RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Edit } from '../lifecycle/command.ts';
import type { Current } from '../workspace/workspaces.ts';
import { heeding } from './grants.ts';
import { type Judgement, judgeCall } from './limits.ts';

/** What policy says of this request with these arguments, at its place among those that are counted. */
export async function judge(
  redis: Redis,
  current: Current,
  { record, payloads }: Loaded,
  args: JsonObject,
): Promise<Judgement> {
  const context = record.context_trusted ? payloads.first?.said?.context : undefined;
  const action = {
    agent: record.agent,
    tool: record.tool,
    args,
    ...(context === undefined ? {} : { context }),
    ...(record.run_id === undefined ? {} : { run_id: record.run_id }),
    ...(record.cost === undefined ? {} : { cost: record.cost }),
  };
  const judged = await judgeCall(redis, current, action, { waiting: record });
  return { ...judged, answer: heeding(judged.answer, payloads.first?.said?.preview) };
}

/** Top-level fields that an edit touches and policy does not open for editing. */
function fixedFields(record: RequestRecord, from: JsonObject, to: JsonObject): string[] {
  const { editable } = record.terms;
  if (editable === null) return [];
  const touched = new Set(changesBetween(from, to).map((change) => pointerToDotted(change.path)));
  return [...touched].filter(
    (path) => !editable.some((open) => path === open || path.startsWith(`${open}.`)),
  );
}

function pointerToDotted(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/**
 * The agent's schema without regular expressions: they would run on a backtracking engine, and the schema is
 * the agent's. A keyword `pattern` has a string value; a property that is named so has a schema.
 */
function withoutPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPatterns);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(
        ([key, value]) => key !== 'patternProperties' && !(key === 'pattern' && typeof value === 'string'),
      )
      .map(([key, value]) => [key, withoutPatterns(value)]),
  );
}

/** Why arguments do not fit the schema that the agent gave, if they do not. */
export function schemaProblem(schema: JsonObject | undefined, args: JsonObject): Problem | undefined {
  if (schema === undefined) return undefined;
  try {
    const { valid, errors } = new Validator(withoutPatterns(schema) as object, '2020-12', false).validate(
      args,
    );
    if (valid) return undefined;
    const said = errors
      .slice(-3)
      .map(({ instanceLocation, error }) => ({ path: instanceLocation.slice(1), error }));
    const detail = `The edit does not fit the tool's schema: ${said.map((e) => `${e.path || 'args'}: ${e.error}`).join(' ')}`;
    return problem('edit_invalid', detail, { errors: said });
  } catch {
    const detail =
      'The schema that the agent gave cannot be applied, so no edit can be checked. Approve as it is, or reject.';
    return problem('edit_invalid', detail);
  }
}

/** Works out an edit of the arguments as loaded, and the counts that it rests on; `undefined` when nothing changes. */
export async function editOf(
  redis: Redis,
  current: Current,
  loaded: Loaded,
  args: JsonObject,
): Promise<(Edit & Pick<Judgement, 'limits'>) | undefined> {
  const from = loaded.payloads.current?.args ?? {};
  const digest = argsDigest(canonicalize(args));
  if (digest === loaded.record.args_digest) return undefined;
  const checked = checkJson(args);
  const fixed = fixedFields(loaded.record, from, args);
  const refusal = !checked.ok
    ? problem('edit_invalid', checked.message)
    : fixed.length > 0
      ? problem('edit_invalid', `Policy does not let ${fixed.join(', ')} be edited. Put the value back.`, {
          fixed,
        })
      : schemaProblem(loaded.payloads.first?.said?.args_schema, args);
  return {
    digest,
    args,
    ...(await judge(redis, current, loaded, args)),
    ...(refusal === undefined ? {} : { problem: refusal }),
  };
}
