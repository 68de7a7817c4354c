import { type Schema, Validator } from '@cfworker/json-schema';
import type { JsonObject } from '@countersign/shared/contracts';

/**
 * What an edit breaks in the schema that came with the call, by dotted path. What the agent's own arguments break
 * already is not held against the reviewer, and a schema that can not be read holds nothing up: the server checks again.
 */
export function schemaProblems(
  schema: JsonObject | undefined,
  before: JsonObject,
  after: JsonObject,
): Record<string, string> {
  if (!schema) return {};
  try {
    const validator = new Validator(schema as Schema, '2020-12', false);
    const already = new Set(
      validator.validate(before).errors.map((error) => error.instanceLocation + error.keyword),
    );
    const problems: Record<string, string> = {};
    for (const { instanceLocation, keyword, error } of validator.validate(after).errors) {
      const path = instanceLocation.split('/').slice(1).map(unescapePointer).join('.');
      // An error in a value is reported again for every object around it; the innermost says it best.
      if (path !== '' && keyword !== 'properties' && !already.has(instanceLocation + keyword))
        problems[path] ??= error;
    }
    return problems;
  } catch {
    return {};
  }
}

function unescapePointer(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
}
