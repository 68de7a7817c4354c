/**
 * Sends one person's digest. It is sent once: until when a person has been told is compared before and set after, and a
 * process that dies in between leaves a second mail with the same Message-ID at worst.
 */
import { createHash } from 'node:crypto';
import type { PersonalChannel } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { type Loaded, viewOf } from '@countersign/shared/request';
import { addressesOf, browsersOf, personalChannels } from '@countersign/shared/routing';
import { attemptMail, type MailAttempter } from '../attempts/mail-attempt.ts';
import { linkTo, type Settings } from '../channels/settings.ts';
import type { DirectoryReader } from '../dispatch/directory.ts';
import { letterHtml } from '../messages/letter-html.ts';
import { letterText } from '../messages/letter-text.ts';
import { replaceField } from '../record/replace-field.ts';
import { digestLetter, digestSubject, totalOf } from './digest-letter.ts';
import type { DigestJob } from './digest-queue.ts';
import { readersOf } from './due.ts';
import { ranFor } from './ran.ts';
import { waitingFor } from './waiting.ts';

export type DigestSender = MailAttempter & { directory: DirectoryReader; settings: Settings };

/** `again`: it could not be sent, and may be later. */
export type DigestResult = 'sent' | 'nothing_waits' | 'no_reader' | 'told_already' | 'given_up' | 'again';

/** How many requests a digest names. */
const mostNamed = 20;

/**
 * Makes one attempt.
 *
 * @param number the attempt's, from 1
 * @param last whether a failure is final
 */
export async function sendDigest(
  sender: DigestSender,
  { workspace, person, since, at }: DigestJob,
  number: number,
  last: boolean,
): Promise<DigestResult> {
  const { redis, directory, settings, clock } = sender;
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
  const ran = await ranFor(redis, about, known, mostNamed);
  if (totalOf(waiting.counts) === 0 && ran.total === 0) return end('nothing_waits');

  const shown = ({ record, payloads }: Loaded) => viewOf(record, payloads, known.groupsOf);
  const views = waiting.first.map(shown);
  const queue = settings.publicUrl === undefined ? undefined : `${settings.publicUrl}/app/#/`;
  const card = (id: string) => linkTo(settings, id);
  const letter = digestLetter(
    waiting,
    views,
    { workspace, now, preferences, queue, card },
    { total: ran.total, first: ran.first.map(shown) },
  );
  const id = `digest.${createHash('sha256').update(`${workspace}/${person}/${since}`).digest('hex').slice(0, 24)}`;
  const attempt = { workspace, person, event_id: id, event_type: 'digest', number, last };
  const result = await attemptMail(sender, attempt, {
    id,
    to: [address],
    recipients: [address],
    subject: digestSubject(waiting.counts, ran.total),
    text: letterText(letter),
    html: letterHtml(letter),
    list: `${workspace}.countersign`,
  });
  return result === 'again' ? result : end(result);
}
