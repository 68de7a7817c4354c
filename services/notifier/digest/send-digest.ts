/**
 * Sends one person's digest. It is sent once: until when a person has been told is compared before and set after, and a
 * process that dies in between leaves a second mail with the same Message-ID at worst.
 */
import { createHash } from 'node:crypto';
import type { PersonalChannel } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { viewOf } from '@countersign/shared/request';
import { addressesOf, browsersOf, personalChannels } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Mailer, Sent } from '../channels/mailer.ts';
import { linkTo, type Settings } from '../channels/settings.ts';
import type { DirectoryReader } from '../dispatch/directory.ts';
import { letterHtml } from '../messages/letter-html.ts';
import { letterText } from '../messages/letter-text.ts';
import type { Metrics } from '../metrics.ts';
import { replaceField } from '../record/replace-field.ts';
import { digestLetter, digestSubject, totalOf } from './digest-letter.ts';
import type { DigestJob } from './digest-queue.ts';
import { readersOf } from './due.ts';
import { waitingFor } from './waiting.ts';

export type DigestSender = {
  redis: Redis;
  directory: DirectoryReader;
  mailer: Mailer;
  settings: Settings;
  metrics: Metrics;
  logger: Logger;
  /** Redis time in ms. */
  clock: () => Promise<number>;
};

/** `again`: it could not be sent, and may be later. */
export type DigestResult = 'sent' | 'nothing_waits' | 'no_reader' | 'told_already' | 'given_up' | 'again';

/** How many requests a digest names. */
const mostNamed = 20;

/**
 * Makes one attempt.
 *
 * @param last whether a failure is final
 */
export async function sendDigest(
  { redis, directory, mailer, settings, metrics, logger, clock }: DigestSender,
  { workspace, person, since, at }: DigestJob,
  last: boolean,
): Promise<DigestResult> {
  const keys = workspaceKeys(workspace);
  const told = await redis.hget(keys.digests, person);
  if (told !== String(since)) return 'told_already';
  const end = async (result: DigestResult): Promise<DigestResult> => {
    await replaceField(redis, keys.digests, person, told, String(at));
    return result;
  };

  const [known, places, now] = await Promise.all([
    directory.directory(workspace),
    directory.places(workspace),
    clock(),
  ]);
  const preferences = readersOf(known, now).get(person);
  const address = known.people.get(person)?.email;
  if (preferences === undefined || address === undefined) return end('no_reader');
  const browsers = browsersOf(places, known);
  const reached = new Set<PersonalChannel>(
    personalChannels.filter((channel) => addressesOf(person, channel, known, places, browsers).length > 0),
  );
  const about = { workspace, person, now };
  const waiting = await waitingFor(redis, about, known, preferences, reached, mostNamed);
  if (totalOf(waiting.counts) === 0) return end('nothing_waits');

  const views = waiting.first.map(({ record, payloads }) => viewOf(record, payloads, known.groupsOf));
  const queue = settings.publicUrl === undefined ? undefined : `${settings.publicUrl}/app/#/`;
  const card = (id: string) => linkTo(settings, id);
  const letter = digestLetter(waiting, views, { workspace, now, preferences, queue, card });
  const begun = performance.now();
  const sent = await mailer.send({
    id: `digest.${createHash('sha256').update(`${workspace}/${person}/${since}`).digest('hex').slice(0, 24)}`,
    to: [address],
    recipients: [address],
    subject: digestSubject(waiting.counts),
    text: letterText(letter),
    html: letterHtml(letter),
    list: `${workspace}.countersign`,
  });
  const code = failureOf(sent);
  const word = code === undefined ? 'delivered' : code.final || last ? 'gave_up' : 'failed';
  metrics.attempted('email', word, Math.round(performance.now() - begun));
  logger.info({ workspace, person, outcome: word, code: code?.code }, 'digest');
  if (code === undefined) return end('sent');
  return code.final || last ? end('given_up') : 'again';
}

/** Why it was not sent, and whether trying again can change that; undefined where it was. */
function failureOf(sent: Sent): { code: string; final: boolean } | undefined {
  switch (sent.kind) {
    case 'taken':
      return undefined;
    case 'lost':
      return { code: sent.code, final: false };
    case 'impossible':
      return { code: sent.code, final: true };
    case 'refused':
      return { code: `smtp_${sent.status}`, final: sent.permanent && sent.during !== 'session' };
  }
}
