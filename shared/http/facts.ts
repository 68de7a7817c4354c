import type { z } from 'zod';
import type { ProblemCode, Role } from '../contracts/index.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** What is known about a call beside its handler. */
export type CallFacts = {
  method: Method;
  /** OpenAPI form: `/v1/requests/{id}`. `{path}` takes the rest of the address, slashes and all. */
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
