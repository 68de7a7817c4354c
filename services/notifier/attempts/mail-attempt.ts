/** One attempt to mail a person something that is about no one request: in the delivery log and the metrics like any other. */
import type { DeliveryAttempt } from '@countersign/shared/directory';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { addressOfPerson } from '../channels/channel.ts';
import type { Mail, Mailer, Sent } from '../channels/mailer.ts';
import type { Metrics } from '../metrics.ts';
import { logAttempt, responseOf } from '../record/delivery-log.ts';

export type MailAttempter = {
  redis: Redis;
  mailer: Mailer;
  metrics: Metrics;
  logger: Logger;
  /** Redis time in ms. */
  clock: () => Promise<number>;
};

/** What is mailed to whom, and the attempt's number, from 1. `last`: a failure is final. */
export type MailAttempt = {
  workspace: string;
  person: string;
  event_id: string;
  event_type: string;
  number: number;
  last: boolean;
};

/** `again`: it could not be sent, and may be later. */
export type MailResult = 'sent' | 'given_up' | 'again';

/** How it ended, but for what is known to the caller alone. `final`: trying again can not change it. */
function readSent(
  sent: Sent,
  secrets: readonly string[],
): Pick<DeliveryAttempt, 'code' | 'status' | 'response'> & { final: boolean } {
  switch (sent.kind) {
    case 'taken':
      return { status: 250, response: responseOf(sent.response, secrets), final: true };
    case 'lost':
      return { code: sent.code, final: false };
    case 'impossible':
      return { code: sent.code, final: true };
    case 'refused': {
      const { status, permanent, during } = sent;
      const response = responseOf(sent.response, secrets);
      // A session is refused for what the operator can put right: the login, the sender, a block list.
      return { code: `smtp_${status}`, status, response, final: permanent && during !== 'session' };
    }
  }
}

/** Sends it once to the person's address, and puts that on record. Rejects only when Redis refuses to be written. */
export async function attemptMail(
  { redis, mailer, metrics, logger, clock }: MailAttempter,
  { workspace, person, event_id, event_type, number, last }: MailAttempt,
  mail: Mail,
): Promise<MailResult> {
  const begun = performance.now();
  const sent = await mailer.send(mail);
  const latency_ms = Math.round(performance.now() - begun);
  const { final, ...how } = readSent(sent, mailer.secrets);
  const outcome = sent.kind === 'taken' ? 'delivered' : final || last ? 'gave_up' : 'failed';
  metrics.attempted('email', outcome, latency_ms);
  logger[outcome === 'gave_up' ? 'warn' : 'info'](
    { workspace, person, event_type, event_id, attempt: number, outcome, code: how.code },
    'mailed',
  );
  await logAttempt(redis, workspace, {
    at: await clock(),
    channel: 'email',
    destination: addressOfPerson(person),
    event_id,
    event_type,
    attempt: number,
    outcome,
    latency_ms,
    ...how,
  });
  return sent.kind === 'taken' ? 'sent' : final || last ? 'given_up' : 'again';
}
