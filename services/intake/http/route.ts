/** One way to declare a call: its path, who may call it, its shapes, its handler. OpenAPI is made from the same facts. */
import { parseStrict } from '@countersign/shared/canonical';
import {
  type Problem,
  type ProblemCode,
  problem,
  problemDocument,
  type Role,
} from '@countersign/shared/contracts';
import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { authenticate, lacksRole } from '../access/authenticate.ts';
import type { Caller, Service } from '../requests/service.ts';
import { type Env, headerOf } from './context.ts';
import { problemOf } from './failure.ts';

/** The largest body taken, in bytes. */
export const maxBody = 256 * 1024;

export type Method = 'get' | 'post' | 'put' | 'delete';

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

async function readBody(c: Context<Env>, schema: z.ZodType): Promise<{ value: unknown } | Problem> {
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

/** Told how long each call took, seconds; not streams and long polls, whose length says nothing. */
export type OnCall = (call: { method: string; route: string; status: number; seconds: number }) => void;

export type RoutesOptions = { service: Service; logger: Logger; onCall: OnCall | undefined };

/** Collects routes on an app. */
export function routesOn(app: Hono<Env>, { service, logger, onCall }: RoutesOptions): Routes {
  const calls: CallFacts[] = [];
  return {
    calls,
    add(facts, handler) {
      calls.push(facts);

      async function answer(c: Context<Env>): Promise<Response | Problem> {
        let caller: Caller | undefined;
        if (facts.roles !== 'anyone') {
          const known = await authenticate(service.workspaces, headerOf(c, 'authorization'));
          if ('code' in known) return known;
          const refusal = lacksRole(known, facts.roles);
          if (refusal !== undefined) return refusal;
          caller = known;
        }
        let body: unknown;
        if (facts.body !== undefined) {
          const read = await readBody(c, facts.body);
          if ('code' in read) return read;
          body = read.value;
        }
        let query: unknown;
        if (facts.query !== undefined) {
          const shaped = facts.query.safeParse(c.req.query());
          if (!shaped.success) return shapeProblem('query', shaped.error);
          query = shaped.data;
        }
        const call = { service, caller, body, query, id: c.req.param('id') ?? '', c };
        // The facts say which of body, query and caller there are; the handler's type was derived from them.
        return handler(call as Parameters<typeof handler>[0]);
      }

      // All that surrounds a call is in this one handler: each middleware would cost another round of promises.
      app.on(facts.method.toUpperCase(), facts.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
        const c = context as Context<Env>;
        const start = performance.now();
        let response: Response;
        try {
          const answered = await answer(c);
          response = answered instanceof Response ? answered : answerProblem(c, answered);
        } catch (error) {
          response = answerProblem(c, problemOf(error, c.req.path, logger));
        }
        if (onCall !== undefined && facts.path !== '/v1/stream' && headerOf(c, 'prefer') === undefined) {
          const seconds = (performance.now() - start) / 1000;
          onCall({ method: c.req.method, route: facts.path, status: response.status, seconds });
        }
        return response;
      });
    },
  };
}
