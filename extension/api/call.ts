import { noteServerDate } from './clock.ts';
import { isProblem } from './guard.ts';
import { type Answer, failed } from './trouble.ts';

/** Where to call, and as whom. */
export type Access = { server: string; key?: string };

/** One call of the HTTP contract. */
export type Ask = { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string; body?: unknown };

/** A server that says nothing for this long is treated as away. */
const patience = 15_000;

/**
 * Makes one call and reads its answer.
 *
 * @param isExpected a light guard: an answer of another shape (an older or newer server, a captive portal) is
 *   `not_understood` instead of a broken screen.
 * @returns the value; the server's problem; `unreachable` when nothing answered within 15 s. Never throws.
 */
export async function call<T>(
  access: Access,
  ask: Ask,
  isExpected: (value: unknown) => value is T,
): Promise<Answer<T>> {
  const headers = new Headers({ accept: 'application/json' });
  if (access.key !== undefined) headers.set('authorization', `Bearer ${access.key}`);
  const init: RequestInit = {
    method: ask.method,
    headers,
    signal: AbortSignal.timeout(patience),
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  };
  if (ask.body !== undefined) {
    headers.set('content-type', 'application/json');
    init.body = JSON.stringify(ask.body);
  }

  let response: Response;
  let value: unknown;
  try {
    response = await fetch(access.server + ask.path, init);
    const text = await response.text();
    value = text === '' ? null : parseOrUndefined(text);
  } catch {
    return failed('unreachable');
  }
  noteServerDate(response.headers.get('date'));
  if (!response.ok) {
    if (!isProblem(value)) {
      // A proxy in front of a server that is down answers for it.
      return failed(response.status >= 500 ? 'unreachable' : 'not_understood');
    }
    const { code, detail, ...extra } = value;
    return failed(code, detail, extra);
  }
  return isExpected(value) ? { ok: true, value } : failed('not_understood');
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
