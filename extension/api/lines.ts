/** Calls that are answered in JSON Lines: how far it is while the server works, what came of it in the last line. */
import type { Access, Ask } from './call.ts';
import { isFields, isProblem } from './guard.ts';
import { type Answer, failed } from './trouble.ts';

/** How far a backtest is: it waits for its turn, reads the log, judges what was asked. */
export type Progress = { stage: 'waiting' | 'reading' | 'judging'; done: number; of: number };

/** A server that works says so every five seconds; one that says nothing for this long is away, ms. */
const patience = 30_000;

/**
 * Makes the call and tells how far it is.
 *
 * @param signal ends it, at the server as well; then the answer is `unreachable`, and nobody should be looking at it
 * @returns the result; the server's problem; `unreachable` where the answer broke off. Never throws.
 */
export async function callInLines<T>(
  { server, key }: Access,
  { method, path, body }: Ask,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Progress) => void },
  isResult: (value: unknown) => value is T,
): Promise<Answer<T>> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), patience);
  try {
    const headers = new Headers({ authorization: `Bearer ${key ?? ''}` });
    if (body !== undefined) headers.set('content-type', 'application/json');
    const response = await fetch(server + path, {
      method,
      headers,
      signal: AbortSignal.any([signal, silent.signal]),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) return problemIn(await response.json().catch(() => undefined));
    let rest = '';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), patience);
      const lines = `${rest}${read.value}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const told: unknown = JSON.parse(line);
        if (!isFields(told)) return failed('not_understood');
        if ('problem' in told) return problemIn(told.problem);
        if ('result' in told)
          return isResult(told.result) ? { ok: true, value: told.result } : failed('not_understood');
        if (isProgress(told.progress)) onProgress(told.progress);
      }
    }
    return failed('unreachable');
  } catch {
    return failed('unreachable');
  } finally {
    clearTimeout(timer);
  }
}

function problemIn(value: unknown): Answer<never> {
  if (!isProblem(value)) return failed('not_understood');
  const { code, detail, ...extra } = value;
  return failed(code, detail, extra);
}

const stages: readonly unknown[] = ['waiting', 'reading', 'judging'];

function isProgress(value: unknown): value is Progress {
  return (
    isFields(value) &&
    stages.includes(value.stage) &&
    typeof value.done === 'number' &&
    typeof value.of === 'number'
  );
}
