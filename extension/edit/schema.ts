import { type Schema, Validator } from '@cfworker/json-schema';
import type { Json, JsonObject } from '@countersign/shared/contracts';
import { pathOf } from '@countersign/shared/plain';

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
    const validator = new Validator(withoutPatterns(schema), '2020-12', false);
    const already = new Set(
      validator.validate(before).errors.map((error) => error.instanceLocation + error.keyword),
    );
    const problems: Record<string, string> = {};
    for (const { instanceLocation, keyword, error } of validator.validate(after).errors) {
      const path = pathOf(instanceLocation.split('/').slice(1).map(unescapePointer));
      // An error in a value is reported again for every object around it; the innermost says it best.
      if (instanceLocation !== '#' && keyword !== 'properties' && !already.has(instanceLocation + keyword))
        problems[path] ??= error;
    }
    return problems;
  } catch {
    return {};
  }
}

/**
 * The schema without its regular expressions: they are the agent's, and one made to backtrack for ever would hang the
 * reviewer's card. A keyword `pattern` has a string value; a property of that name has a schema.
 */
function withoutPatterns(schema: JsonObject): Schema {
  const strip = (part: Json): Json => {
    if (Array.isArray(part)) return part.map(strip);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part)
        .filter(
          ([key, value]) => key !== 'patternProperties' && !(key === 'pattern' && typeof value === 'string'),
        )
        .map(([key, value]) => [key, strip(value)]),
    );
  };
  return strip(schema) as Schema;
}

function unescapePointer(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
}
