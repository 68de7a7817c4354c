import { ProblemDocument } from '@countersign/shared/contracts';
import type { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { inert } from '../terminal/inert.ts';
import type { Connection } from './connection.ts';

/** How long a server may take to answer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/**
 * `value` is what the contract names, `body` the whole answer. A refusal carries the server's code and a
 * sentence that is safe on a screen.
 */
export type Answer<T> =
  | { ok: true; value: T; body: unknown }
  | { ok: false; code: string; message: string; exit: ExitCode };

/** Headers beside the usual ones, and how long the server may take where it is asked to wait, in milliseconds. */
export type CallOptions = { headers?: Record<string, string>; timeoutMs?: number };

/** One call to the server. Nothing is tried twice: a person at a terminal sees what happened and decides. */
export async function call<T>(
  { url, key }: Connection,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  answer: z.ZodType<T>,
  body?: unknown,
  { headers, timeoutMs = TIMEOUT_MS }: CallOptions = {},
): Promise<Answer<T>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      // The key must not follow a redirect to somewhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    return unavailable(`${url} does not answer (${reasonOf(error)}).`);
  }
  const parsed = json(text);
  if (!response.ok) return refusal(response.status, parsed);
  const known = answer.safeParse(parsed);
  if (!known.success)
    return unavailable(`${url} answers, but not as Countersign does. Is the address right?`);
  return { ok: true, value: known.data, body: parsed };
}

/** A refusal, in the server's words. */
export function refusal(status: number, body: unknown): Answer<never> {
  const problem = ProblemDocument.safeParse(body);
  if (!problem.success) return unavailable(`The server answered ${status} without saying why.`);
  const { code, detail } = problem.data;
  return {
    ok: false,
    code,
    message: inert(detail),
    exit: status >= 500 ? exitCode.unavailable : exitCode.refused,
  };
}

/** It could not be tried, or not to its end. */
export function unavailable(message: string): Answer<never> {
  return { ok: false, code: 'unavailable', message, exit: exitCode.unavailable };
}

/** Why a call failed, safe on a screen. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return cause instanceof Error ? inert(cause.message || code || cause.name) : 'no reason given';
}

/** What a body says; undefined where it is no JSON. */
export function json(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
