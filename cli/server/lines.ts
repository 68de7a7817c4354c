/** Calls that answer in JSON Lines, read as they come. */
import { ProblemDocument } from '@countersign/shared/contracts';
import type { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { inert } from '../terminal/inert.ts';
import type { Connection } from './connection.ts';

/** How it ended: all lines were given on, or why not, in a sentence that is safe on a screen. */
export type Lines = { ok: true } | { ok: false; message: string; exit: ExitCode };

const unavailable = (message: string): Lines => ({ ok: false, message, exit: exitCode.unavailable });

/** The largest answer line that is taken, characters: a server that ends none of its lines is none of ours. */
const longest = 16_000_000;

/** Calls, with a body where one is given, and gives on each line of the answer. A line of another shape ends it. */
export async function callForLines<T>(
  { url, key }: Connection,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  line: z.ZodType<T>,
  onLine: (line: T) => void,
): Promise<Lines> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'error',
    });
    if (!response.ok) {
      const problem = ProblemDocument.safeParse(await response.json().catch(() => undefined));
      if (!problem.success) return unavailable(`The server answered ${response.status} without saying why.`);
      const exit = response.status >= 500 ? exitCode.unavailable : exitCode.refused;
      return { ok: false, message: inert(problem.data.detail), exit };
    }
    const decoder = new TextDecoder();
    let waiting = '';
    for await (const bytes of response.body ?? []) {
      const parts = `${waiting}${decoder.decode(bytes, { stream: true })}`.split('\n');
      waiting = parts.pop() ?? '';
      if (waiting.length > longest) return unavailable('The server’s answer does not end.');
      for (const text of parts) {
        const read = line.safeParse(JSON.parse(text));
        if (!read.success) return unavailable('The server answers, but not as Countersign does.');
        onLine(read.data);
      }
    }
    return { ok: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unavailable(`${url} does not answer, or its answer broke off (${inert(reason)}).`);
  }
}
