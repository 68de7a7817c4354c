/** Bodies and queries, read strictly and held against their shape. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { parseStrict } from '../canonical/index.ts';
import { type Problem, problem } from '../contracts/index.ts';
import { type Env, headerOf } from './context.ts';

/** The largest body taken, in bytes. */
export const maxBody = 256 * 1024;

/** Says which member of a body or a query is wrong, and how, in one sentence. */
function shapeProblem(where: string, error: z.ZodError): Problem {
  const issues = error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return { path, message: issue.message };
  });
  const first = issues.map(({ path, message }) => `${path === '' ? where : path}: ${message}`).join('; ');
  return problem('invalid_request', `${first}. Correct it; /openapi.json has the shape.`, { issues });
}

/** The bytes of a body, or undefined where there are more than may be. Reads no further than that. */
export async function bytesOf(c: Context<Env>): Promise<Uint8Array | undefined> {
  const declared = headerOf(c, 'content-length');
  // Node holds a body to its declared length. Only one that declares none has to be counted, as a web stream.
  if (declared !== undefined && headerOf(c, 'transfer-encoding') === undefined) {
    return Number(declared) > maxBody ? undefined : new Uint8Array(await c.req.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as its schema has it, or what is wrong with it. */
export async function readBody(c: Context<Env>, schema: z.ZodType): Promise<{ value: unknown } | Problem> {
  const bytes = await bytesOf(c);
  if (bytes === undefined) {
    return problem('body_too_large', `A body may have ${maxBody / 1024} KiB. Send less.`);
  }
  if (bytes.length === 0 && schema.safeParse({}).success) return { value: schema.parse({}) };
  const parsed = parseStrict(bytes, { maxBytes: maxBody });
  if (!parsed.ok) {
    return problem(parsed.code, `${parsed.message} Correct the body and send it again.`);
  }
  const shaped = schema.safeParse(parsed.value);
  return shaped.success ? { value: shaped.data } : shapeProblem('body', shaped.error);
}

/** The query as its schema has it, or what is wrong with it. */
export function readQuery(c: Context<Env>, schema: z.ZodType): { value: unknown } | Problem {
  const shaped = schema.safeParse(c.req.query());
  return shaped.success ? { value: shaped.data } : shapeProblem('query', shaped.error);
}
