/** One call of Slack's Web API. Its failures come as `ok: false` under HTTP 200: https://docs.slack.dev/apis/web-api/ */
import type { Answer, Outbound } from '../outbound/index.ts';

/** Where an app is reached, and the bot token it is reached with. */
export type SlackAccess = { base: string; token: string };

/** What came of a call. */
export type Called =
  | { kind: 'ok'; body: Record<string, unknown> }
  /** Slack has said no, in its own word, such as `channel_not_found`. */
  | { kind: 'error'; error: string; retry_after_ms?: number }
  /** Nothing was sent, no answer came, or none of the API: by its status, or because it can not be read. */
  | { kind: 'other'; answer: Answer };

/** Longer than an answer that repeats a message of ours. */
const answerBytes = 65_536;

const commercial = 'https://slack.com/api';

/** The base of the API that a destination speaks to: GovSlack's is another. */
export function slackApi(url: string | undefined): string {
  return (url ?? commercial).replace(/\/+$/, '');
}

/**
 * Calls a method, once. Never rejects.
 *
 * @param args members that are undefined are left out
 * @param how.form as a form, for methods that read and take no JSON
 * @param how.signal ends the call early
 */
export async function callSlack(
  out: Outbound,
  { base, token }: SlackAccess,
  method: string,
  args: Record<string, unknown>,
  how: { form?: boolean; signal?: AbortSignal } = {},
): Promise<Called> {
  const type = how.form === true ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'user-agent': 'countersign' };
  const fields = Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]);
  const body = how.form === true ? new URLSearchParams(fields).toString() : JSON.stringify(args);
  const answer = await out.post(`${base}/${method}`, {
    headers,
    body,
    keepBytes: answerBytes,
    ...(how.signal === undefined ? {} : { signal: how.signal }),
  });
  if (answer.kind !== 'answered' || answer.status < 200 || answer.status >= 300)
    return { kind: 'other', answer };
  const said = objectOf(answer.text);
  if (said?.ok === true) return { kind: 'ok', body: said };
  if (said?.ok !== false || typeof said.error !== 'string') return { kind: 'other', answer };
  const { retry_after_ms } = answer;
  return { kind: 'error', error: said.error, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) };
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
