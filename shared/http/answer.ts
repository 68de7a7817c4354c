import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Problem, problemDocument } from '../contracts/index.ts';
import type { Env } from './context.ts';

/** Answers with a problem document. */
export function answerProblem(c: Context<Env>, failure: Problem): Response {
  const document = problemDocument(failure);
  if (document.status === 401) c.header('WWW-Authenticate', 'Bearer');
  if (document.status === 503 || document.status === 429)
    c.header('Retry-After', document.status === 429 ? String(document.retry_after ?? 60) : '1');
  return c.body(JSON.stringify(document), document.status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json',
  });
}
