/** One way to declare a call: its path, who may call it, its shapes, its handler. OpenAPI is made from the same facts. */
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { lacksRole } from '../access/index.ts';
import type { Problem } from '../contracts/index.ts';
import type { ApiKeyRecord } from '../directory/index.ts';
import { answerProblem } from './answer.ts';
import { readBody, readQuery } from './body.ts';
import { type Env, type Fetch, headerOf } from './context.ts';
import type { CallFacts } from './facts.ts';

/** What a handler is given: what its service works with, who calls, and what was sent. */
export type Call<World, Caller, Body, Query> = World & {
  caller: Caller;
  body: Body;
  query: Query;
  /** The part `{id}` of the path; empty where it has none. */
  id: string;
  c: Context<Env>;
};

/** The calls of an app, in the order in which they were declared. */
export type Routes<World, Caller> = {
  calls: CallFacts[];
  /** Declares a call and mounts its handler. A handler answers with a response or a problem. */
  add<const F extends CallFacts>(
    facts: F,
    handler: (
      call: Call<World, Caller, Shape<F, 'body'>, Shape<F, 'query'>>,
    ) => Promise<Response | Problem> | Response | Problem,
  ): void;
  /** Declares a call that another service of this process answers, its failures included. */
  pass(facts: CallFacts, fetch: Fetch): void;
};

type Shape<F, K extends 'body' | 'query'> = F extends { [P in K]: infer S extends z.ZodType }
  ? z.infer<S>
  : undefined;

/** Told how long each call took, seconds; not streams and long polls, whose length says nothing. */
export type OnCall = (call: { method: string; route: string; status: number; seconds: number }) => void;

export type RoutesOptions<World, Caller> = {
  world: World;
  /** From the `Authorization` header to who is calling, or the refusal. */
  identify: (authorization: string | undefined) => Promise<Caller | Problem>;
  /** What was thrown, as the problem that the caller is told. */
  problemOf: (error: unknown, path: string) => Problem;
  onCall?: OnCall | undefined;
};

/** The path as Hono has it. */
function patternOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1').replace(':path', ':path{.+}');
}

/** Collects routes on an app. */
export function routesOn<World extends object, Caller extends { key: ApiKeyRecord }>(
  app: Hono<Env>,
  { world, identify, problemOf, onCall }: RoutesOptions<World, Caller>,
): Routes<World, Caller> {
  const calls: CallFacts[] = [];
  return {
    calls,
    pass(facts, fetch) {
      calls.push(facts);
      app.on(facts.method.toUpperCase(), patternOf(facts.path), (c) => fetch(c.req.raw, c.env));
    },
    add(facts, handler) {
      calls.push(facts);

      async function answer(c: Context<Env>): Promise<Response | Problem> {
        let caller: Caller | undefined;
        if (facts.roles !== 'anyone') {
          const known = await identify(headerOf(c, 'authorization'));
          if ('code' in known) return known;
          const refusal = lacksRole(known.key, facts.roles);
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
          const read = readQuery(c, facts.query);
          if ('code' in read) return read;
          query = read.value;
        }
        const call = { ...world, caller, body, query, id: c.req.param('id') ?? '', c };
        // The facts say which of body, query and caller there are; the handler's type was derived from them.
        return handler(call as Parameters<typeof handler>[0]);
      }

      // All that surrounds a call is in this one handler: each middleware would cost another round of promises.
      app.on(facts.method.toUpperCase(), patternOf(facts.path), async (context) => {
        const c = context as Context<Env>;
        const start = performance.now();
        let response: Response;
        try {
          const answered = await answer(c);
          response = answered instanceof Response ? answered : answerProblem(c, answered);
        } catch (error) {
          response = answerProblem(c, problemOf(error, c.req.path));
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
