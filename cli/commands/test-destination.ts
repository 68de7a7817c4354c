/** `destinations test`: a notice that says it is a test, by the way that real ones take, and what came of it. */
import { type DeliveryView, DestinationTest } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson, quoted } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { destinationPath } from './destinations.ts';
import { fail } from './review.ts';

/** The server waits 20 s for what comes of it, ms. */
const timeoutMs = 30_000;

/** What to do about codes that name something an operator can put right. */
const advice: Record<string, (id: string) => string> = {
  destination_disabled: (id) => `It is disabled: countersign destinations enable ${id}`,
  held_back: () => 'It has asked to be left alone for a while (Retry-After). Try it again later.',
  mail_not_set_up: () => 'The notifier has no mail server: set SMTP_URL and MAIL_FROM for it.',
  sms_not_set_up: () =>
    'The notifier has no Twilio account: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM for it.',
};

/** Sends it. Done only where the peer took it; refused where it did not; unavailable where nobody tried within 20 s. */
export async function testDestination(
  id: string,
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = `${destinationPath(id)}/test`;
  const answer = await call(connection, 'POST', path, DestinationTest, undefined, { timeoutMs });
  if (!answer.ok) return fail(answer, terminal);
  const { event_id, attempt } = answer.value;
  if (options.json) terminal.out(inertJson(answer.body));
  else if (attempt !== undefined) for (const line of said(attempt, terminal.columns)) terminal.out(line);
  if (attempt === undefined) {
    terminal.err(
      `Nothing has come of it within 20 s: does a notifier run? Look again: countersign deliveries --event ${inert(event_id)}`,
    );
    return exitCode.unavailable;
  }
  return attempt.outcome === 'delivered' ? exitCode.done : exitCode.refused;
}

function said(attempt: DeliveryView, columns: number): string[] {
  const { outcome, code = '', status, latency_ms, response, destination } = attempt;
  const answered = [
    status === undefined ? '' : ` It answered ${status}.`,
    latency_ms === undefined ? '' : ` It took ${latency_ms} ms.`,
  ].join('');
  const why = code === '' ? '' : ` (${inert(code)})`;
  const result =
    outcome === 'delivered'
      ? `Delivered.${answered}`
      : outcome === 'not_tried'
        ? `Nothing was sent${why}.`
        : `Not delivered${why}.${answered}`;
  return [
    result,
    ...(response === undefined || response === '' ? [] : quoted(response, columns)),
    ...(advice[code] === undefined ? [] : [advice[code](inert(destination))]),
  ];
}
