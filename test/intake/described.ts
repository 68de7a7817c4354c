/** The OpenAPI document as a judge: whatever a test sends and gets back is held against what the document says of it. */
import { type Schema, Validator } from '@cfworker/json-schema';
import type { Call } from '../support/intake.ts';

type Content = Record<string, { schema: Schema }>;
type Operation = {
  operationId: string;
  summary: string;
  parameters: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description: string; headers?: Record<string, unknown>; content?: Content }>;
  security?: unknown[];
};

/** The parts of an OpenAPI 3.1 document that intake's has. */
export type OpenApi = {
  openapi: string;
  info: { title: string; version: string };
  security: unknown[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
};

/** Reads the document of a running intake. */
export async function openApiOf(url: string): Promise<OpenApi> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
}

/** What is wrong with a value by a schema of the document; empty when nothing is. */
export function faults(document: OpenApi, schema: Schema, value: unknown): string[] {
  const whole = { ...schema, components: document.components };
  const { errors } = new Validator(whole, '2020-12', false).validate(value);
  return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

function operationOf(document: OpenApi, method: string, path: string): Operation | undefined {
  const [bare = ''] = path.split('?');
  const found = Object.entries(document.paths).find(([template]) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  );
  return found?.[1][method.toLowerCase()];
}

/**
 * The same calls, each checked: its answer's status and body are described, and a body that was accepted is one that
 * the document allows. Throws where document and server disagree.
 */
export function describedCalls(document: OpenApi, call: Call): Call {
  return async <Body>(...sending: Parameters<Call>) => {
    const answer = await call<Body>(...sending);
    const [, method, path, body] = sending;
    const operation = operationOf(document, method, path);
    if (operation === undefined) return answer;
    const wrong: string[] = [];
    const described = operation.responses[answer.status];
    if (described === undefined) wrong.push(`status ${answer.status} (${answer.code}) is not described`);
    const [type = ''] = answer.headers.get('content-type')?.split(';') ?? [];
    const schema = described?.content?.[type]?.schema;
    if (schema !== undefined) wrong.push(...faults(document, schema, answer.body));
    else if (type !== '' && described !== undefined) wrong.push(`${type} is not described`);
    if (answer.code !== undefined && !described?.description.includes(`\`${answer.code}\``))
      wrong.push(`code ${answer.code} is not described`);
    const sent = operation.requestBody?.content['application/json']?.schema;
    if (answer.status < 300 && body !== undefined && sent !== undefined)
      wrong.push(...faults(document, sent, body).map((fault) => `sent ${fault}`));
    const [, query = ''] = path.split('?');
    for (const name of new URLSearchParams(query).keys()) {
      if (!operation.parameters.some((parameter) => parameter.in === 'query' && parameter.name === name))
        wrong.push(`query ${name} is not described`);
    }
    if (wrong.length > 0)
      throw new Error(`${method} ${path} and /openapi.json disagree: ${wrong.join('; ')}`);
    return answer;
  };
}
