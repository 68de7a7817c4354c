/** The OpenAPI 3.1 document, made from the calls as they are declared and the zod schemas they validate with. */
import { ProblemDocument, problems } from '@countersign/shared/contracts';
import type { CallFacts } from '@countersign/shared/http';
import { z } from 'zod';

type Schema = Record<string, unknown>;

/** Turns a zod schema into JSON Schema and gathers the named ones under `components`. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Record<string, Schema>): Schema {
  const {
    $defs,
    $schema: _dialect,
    ...json
  } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      const meta = z.globalRegistry.get(zodSchema);
      if (meta?.type === 'object') Object.assign(jsonSchema, { type: 'object', additionalProperties: true });
    },
  }) as Schema & { $defs?: Record<string, Schema> };
  const renamed = JSON.parse(
    JSON.stringify({ json, $defs: $defs ?? {} }).replaceAll('#/$defs/', '#/components/schemas/'),
  );
  const name = (id: string, named: Schema): void => {
    const known = components[id];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(named)) {
      throw new Error(`two shapes are named ${id}: name what is sent apart from what is answered`);
    }
    components[id] = named;
  };
  for (const [id, named] of Object.entries(renamed.$defs as Record<string, Schema>)) name(id, named);
  const id = (json as { id?: string }).id;
  if (id === undefined) return renamed.json;
  name(id, renamed.json);
  return { $ref: `#/components/schemas/${id}` };
}

function parametersOf(facts: CallFacts, components: Record<string, Schema>): Schema[] {
  const path = [...facts.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const headers = Object.entries(facts.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  const query = facts.query === undefined ? undefined : schemaOf(facts.query, 'input', components);
  const fields = Object.entries((query?.properties ?? {}) as Record<string, Schema>);
  return [...path, ...headers, ...fields.map(([name, schema]) => ({ name, in: 'query', schema }))];
}

function sent(headers: Record<string, string>): Schema {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return Object.fromEntries(described);
}

function answersOf(facts: CallFacts, components: Record<string, Schema>): Record<string, Schema> {
  const answers: Record<string, Schema> = {};
  for (const [status, answer] of Object.entries(facts.answers)) {
    const { description, schema, type = 'application/json', headers } = answer;
    const content =
      schema === undefined ? {} : { content: { [type]: { schema: schemaOf(schema, 'output', components) } } };
    answers[status] = {
      description,
      ...(headers === undefined ? {} : { headers: sent(headers) }),
      ...content,
    };
  }
  const codes = Object.keys(problems).filter((code) =>
    facts.problems?.includes(code as keyof typeof problems),
  );
  const own = new Set(codes);
  if (facts.roles !== 'anyone') own.add('unauthorized').add('forbidden').add('not_ready');
  if (facts.body !== undefined) own.add('invalid_request').add('body_too_large');
  own.add('unavailable').add('internal');
  for (const code of own) {
    const status = String(problems[code as keyof typeof problems][0]);
    const said = answers[status]?.description;
    answers[status] = {
      description: said === undefined ? `\`${code}\`` : `${said}, \`${code}\``,
      content: { 'application/problem+json': { schema: schemaOf(ProblemDocument, 'output', components) } },
    };
  }
  return answers;
}

/** Builds the document. */
export function openApiOf(calls: CallFacts[], version: string): Schema {
  const components: Record<string, Schema> = {};
  const paths: Record<string, Record<string, Schema>> = {};
  for (const facts of calls) {
    const roles =
      facts.roles === 'anyone' ? 'Needs no key.' : `For keys with role ${facts.roles.join(', ') || 'any'}.`;
    const path = paths[facts.path] ?? {};
    paths[facts.path] = path;
    path[facts.method] = {
      operationId: `${facts.method}_${facts.path.replaceAll(/[^a-z0-9]+/gi, '_').replaceAll(/^_|_$/g, '')}`,
      summary: facts.summary,
      description: roles,
      parameters: parametersOf(facts, components),
      ...(facts.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: schemaOf(facts.body, 'input', components) } },
            },
          }),
      responses: answersOf(facts, components),
      ...(facts.roles === 'anyone' ? { security: [] } : {}),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      description:
        'Human approval for AI agents that take real actions. Errors are RFC 9457 problem documents with a stable `code`.',
    },
    security: [{ key: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'cs_<workspace>_<secret>' } },
    },
  };
}
