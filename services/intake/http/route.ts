/** One way to declare a call: its path, who may call it, its shapes, its handler. OpenAPI is made from the same facts. */
import { parseStrict } from '@countersign/shared/canonical';
import {
  type Problem,
  type ProblemCode,
  problem,
  problemDocument,
  type Role,
} from '@countersign/shared/contracts';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { authenticate, lacksRole } from '../access/authenticate.ts';
import type { Caller, Service } from '../requests/service.ts';
import type { Env } from './context.ts';

/** The largest body taken, in bytes. */
const maxBody = 256 * 1024;

export type Method = 'get' | 'post' | 'delete';

/** What is known about a call beside its handler. */
export type CallFacts = {
  method: Method;
  /** OpenAPI form: `/v1/requests/{id}`. */
  path: string;
  summary: string;
  /** Any of these roles may call; `'anyone'` needs no key. Empty: any key. */
  roles: readonly Role[] | 'anyone';
  body?: z.ZodType;
  query?: z.ZodType;
  /** Success answers by status. */
  answers: Record<
    number,
    { description: string; schema?: z.ZodType; type?: string; headers?: Record<string, string> }
  >;
  /** Problems particular to this call. */
  problems?: readonly ProblemCode[];
  headers?: Record<string, string>;
};

export type Call<B, Q> = {
  service: Service;
  caller: Caller;
  body: B;
  query: Q;
  id: string;
  c: Context<Env>;
};

/** Says which member of a body is wrong, and how, in one sentence. */
function shapeProblem(where: string, error: z.ZodError): Problem {
  const issues = error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return { path, message: issue.message };
  });
  const first = issues.map(({ path, message }) => `${path === '' ? where : path}: ${message}`).join('; ');
  return problem('invalid_request', `${first}. Correct it; /openapi.json has the shape.`, { issues });
}

/** Answers with a problem document. */
export function answerProblem(c: Context<Env>, failure: Problem): Response {
  const document = problemDocument(failure);
  if (document.status === 401) c.header('WWW-Authenticate', 'Bearer');
  if (document.status === 503 || document.status === 429)
    c.header('Retry-After', document.status === 429 ? '60' : '1');
  return c.body(JSON.stringify(document), document.status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json',
  });
}

async function readBody(
  c: Context<Env>,
  schema: z.ZodType,
): Promise<{ value: unknown } | { problem: Problem }> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length === 0 && schema.safeParse({}).success) return { value: schema.parse({}) };
  const parsed = parseStrict(bytes, { maxBytes: maxBody });
  if (!parsed.ok) {
    return { problem: problem(parsed.code, `${parsed.message} Correct the body and send it again.`) };
  }
  const shaped = schema.safeParse(parsed.value);
  return shaped.success ? { value: shaped.data } : { problem: shapeProblem('body', shaped.error) };
}

/** Refuses bodies over the limit before they are read whole. */
function limitBody(): MiddlewareHandler<Env> {
  const tooLarge = (c: Context<Env>): Response =>
    answerProblem(c, problem('body_too_large', `A body may have ${maxBody / 1024} KiB. Send less.`));
  const counted = bodyLimit({ maxSize: maxBody, onError: (c) => tooLarge(c as Context<Env>) });
  return async (c, next) => {
    if (c.req.method === 'GET') return next();
    const declared = c.req.header('content-length');
    // Counting makes the body a web stream, which costs more than the call. Node holds a body to its declared length.
    if (declared === undefined || c.req.header('transfer-encoding') !== undefined) return counted(c, next);
    return Number(declared) > maxBody ? tooLarge(c) : next();
  };
}

/** The calls of an app, in the order in which they were declared. */
export type Routes = {
  calls: CallFacts[];
  /** Declares a call and mounts its handler. A handler answers with a response or a problem. */
  add<const F extends CallFacts>(
    facts: F,
    handler: (
      call: Call<Shape<F, 'body'>, Shape<F, 'query'>>,
    ) => Promise<Response | Problem> | Response | Problem,
  ): void;
};

type Shape<F, K extends 'body' | 'query'> = F extends { [P in K]: infer S extends z.ZodType }
  ? z.infer<S>
  : undefined;

/** Collects routes on an app. */
export function routesOn(app: Hono<Env>, service: Service): Routes {
  const calls: CallFacts[] = [];
  const limit = limitBody();
  return {
    calls,
    add(facts, handler) {
      calls.push(facts);
      app.on(facts.method.toUpperCase(), facts.path.replaceAll(/\{(\w+)\}/g, ':$1'), limit, async (c) => {
        const context = c as Context<Env>;
        let caller: Caller | undefined;
        if (facts.roles !== 'anyone') {
          const known = await authenticate(service.workspaces, c.req.header('authorization'));
          if ('code' in known) return answerProblem(context, known);
          const refusal = lacksRole(known, facts.roles);
          if (refusal !== undefined) return answerProblem(context, refusal);
          caller = known;
        }
        let body: unknown;
        if (facts.body !== undefined) {
          const read = await readBody(context, facts.body);
          if ('problem' in read) return answerProblem(context, read.problem);
          body = read.value;
        }
        let query: unknown;
        if (facts.query !== undefined) {
          const shaped = facts.query.safeParse(c.req.query());
          if (!shaped.success) return answerProblem(context, shapeProblem('query', shaped.error));
          query = shaped.data;
        }
        const call = { service, caller, body, query, id: c.req.param('id') ?? '', c: context };
        // The facts say which of body, query and caller there are; the handler's type was derived from them.
        const answer = await handler(call as Parameters<typeof handler>[0]);
        return answer instanceof Response ? answer : answerProblem(context, answer);
      });
    },
  };
}
