/**
 * Tells one person that a destination of theirs has been disabled. Once: that a person has been told is noted right
 * after the mail server has taken it, and a process that dies in between leaves a second mail with the same Message-ID
 * at worst.
 */
import { createHash } from 'node:crypto';
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { defaultPreferences } from '@countersign/shared/preferences';
import { attemptMail, type MailAttempter } from '../attempts/mail-attempt.ts';
import { addressOfPerson } from '../channels/channel.ts';
import type { Mailer } from '../channels/mailer.ts';
import type { Settings } from '../channels/settings.ts';
import type { DirectoryReader } from '../dispatch/directory.ts';
import { subjectOf } from '../messages/letter.ts';
import { letterHtml } from '../messages/letter-html.ts';
import { letterText } from '../messages/letter-text.ts';
import { logAttempt } from '../record/delivery-log.ts';
import { recordTtl } from '../record/record.ts';
import { disabledLetter, mostNamed } from './disabled-letter.ts';
import { readOwners } from './owners.ts';
import { readUntold } from './undelivered.ts';

export type OwnerTeller = Omit<MailAttempter, 'mailer'> & {
  directory: DirectoryReader;
  /** Absent: the installation sends no mail. */
  mailer: Mailer | undefined;
  settings: Settings;
};

/** `at`: when it was disabled, Redis time in ms. */
export type Telling = {
  workspace: string;
  event_id: string;
  destination: string;
  at: number;
  person: string;
};

export type Told =
  | 'sent'
  | 'told_already'
  /** Deleted, or in use again: there is nothing to put right any more. */
  | 'moot'
  /** No owner any more, or without an address. */
  | 'no_owner'
  | 'mail_not_set_up'
  | 'given_up'
  /** It could not be sent, and may be later. */
  | 'again';

/** A failure is recorded a moment after its line in the log, ms. */
const before = 60_000;

/**
 * Makes one attempt. Rejects only when Redis refuses to be read or written.
 *
 * @param number the attempt's, from 1
 * @param last whether a failure is final
 */
export async function tellOwner(
  { mailer, directory, settings, ...sender }: OwnerTeller,
  { workspace, event_id, destination: id, at, person }: Telling,
  number: number,
  last: boolean,
): Promise<Told> {
  const { redis, logger } = sender;
  const keys = workspaceKeys(workspace);
  const told = keys.ownersTold(event_id);
  const [stored, already, known] = await Promise.all([
    redis.hget(keys.destinations, id),
    redis.sismember(told, person),
    directory.directory(workspace),
  ]);
  if (already === 1) return 'told_already';
  if (stored === null) return 'moot';
  const destination = JSON.parse(stored) as DestinationRecord;
  const { disabled, kind } = destination;
  if (disabled?.at !== at) return 'moot';
  const owner = (await readOwners(redis, workspace, destination)).get(person);
  if (owner === undefined) return 'no_owner';

  const attempt = { workspace, person, event_id, event_type: 'destination.disabled', number, last };
  if (mailer === undefined) {
    logger.warn({ workspace, person, destination: id }, 'no mail is set up: an owner is not told');
    await logAttempt(redis, workspace, {
      at: await sender.clock(),
      channel: 'email',
      destination: addressOfPerson(person),
      event_id,
      event_type: attempt.event_type,
      attempt: number,
      outcome: 'not_tried',
      code: 'mail_not_set_up',
    });
    return 'mail_not_set_up';
  }

  const failing = await redis.hget(keys.failing, `${kind}-${id}`);
  const failing_since = failing === null ? undefined : Number(failing.split(' ')[0]);
  const since = Math.min(at, failing_since ?? at) - before;
  const untold = await readUntold(redis, workspace, id, since, mostNamed);
  const { time_zone: timeZone } = known.preferences.get(person) ?? defaultPreferences;
  const letter = disabledLetter(
    { workspace, destination, disabled, failing_since, untold },
    { because: owner.because, timeZone, publicUrl: settings.publicUrl },
  );
  const name = createHash('sha256').update(`${workspace}/${event_id}/${person}`).digest('hex').slice(0, 24);
  const result = await attemptMail({ ...sender, mailer }, attempt, {
    id: `disabled.${name}`,
    to: [owner.email],
    recipients: [owner.email],
    subject: subjectOf('Countersign:', letter.sentence),
    text: letterText(letter),
    html: letterHtml(letter),
    list: `${workspace}.countersign`,
    headers: { 'X-Countersign-Destination': id },
  });
  if (result === 'sent') await redis.multi().sadd(told, person).pexpire(told, recordTtl).exec();
  return result;
}
