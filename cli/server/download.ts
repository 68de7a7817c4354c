import { text } from 'node:stream/consumers';
import { type Answer, json, reasonOf, refusal, unavailable } from './call.ts';
import type { Connection } from './connection.ts';

/** How long a server may take to begin its answer, in milliseconds. It may take as long as it likes to finish it. */
const BEGIN_MS = 15_000;

/**
 * What a server streams, a piece at a time. A stream that breaks off, or that `signal` ends, throws while it is read:
 * what came until then is not all of it.
 */
export async function download(
  { url, key }: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<Answer<AsyncIterable<Uint8Array>>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('no answer in time')), BEGIN_MS);
  try {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${key}` },
      // The key must not follow a redirect to somewhere else.
      redirect: 'error',
      signal: AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]),
    });
    if (!response.ok) return refusal(response.status, json(await response.text()));
    if (response.body === null) return unavailable(`${url} answers with nothing.`);
    return { ok: true, value: response.body, body: undefined };
  } catch (error) {
    return unavailable(`${url} does not answer (${reasonOf(error)}).`);
  } finally {
    clearTimeout(timer);
  }
}

/** A short text, whole. */
export async function downloadText(connection: Connection, path: string): Promise<Answer<string>> {
  const answer = await download(connection, path, AbortSignal.timeout(BEGIN_MS));
  if (!answer.ok) return answer;
  try {
    return { ok: true, value: await text(answer.value), body: undefined };
  } catch (error) {
    return unavailable(`${connection.url} broke off (${reasonOf(error)}).`);
  }
}
