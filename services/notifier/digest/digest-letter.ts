/** What a digest says: how much waits that did not interrupt, the most urgent of it, and where the rest is. Pure. */
import type { Preferences, RequestView, Tier } from '@countersign/shared/contracts';
import type { Letter, Row } from '../messages/letter.ts';
import { sentenceOf } from '../messages/mail.ts';
import { momentInWords, spanInWords } from '../messages/time-words.ts';
import type { Waiting } from './waiting.ts';

const tiers = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Tier[];

/** `1 high, 4 medium, 2 low`: what there is, gravest first. */
export function countsInWords(counts: Waiting['counts']): string {
  return tiers.flatMap((tier) => (counts[tier] === 0 ? [] : [`${counts[tier]} ${tier}`])).join(', ');
}

export const totalOf = (counts: Waiting['counts']): number =>
  tiers.reduce((sum, tier) => sum + counts[tier], 0);

const requests = (count: number): string => (count === 1 ? '1 request waits' : `${count} requests wait`);

/** `Countersign: 7 waiting (1 high, 4 medium, 2 low)` */
export function digestSubject(counts: Waiting['counts']): string {
  return `Countersign: ${totalOf(counts)} waiting (${countsInWords(counts)})`;
}

export type DigestSettings = {
  workspace: string;
  /** Redis time in ms. */
  now: number;
  preferences: Pick<Preferences, 'time_zone' | 'digest_at'>;
  /** The queue's page, and a card's. Absent where the installation has no address. */
  queue: string | undefined;
  card: (id: string) => string | undefined;
};

function rowOf(request: RequestView, { now, preferences, card }: DigestSettings): Row {
  const at = request.expires_at === null ? undefined : Date.parse(request.expires_at);
  const left =
    at === undefined
      ? 'no deadline'
      : `until ${momentInWords(at, preferences.time_zone)} (${spanInWords(at - now)} left)`;
  const link = card(request.id);
  return {
    tier: request.tier,
    sentence: sentenceOf(request),
    about: `${request.agent} · ${left}`,
    ...(link === undefined ? {} : { link }),
  };
}

/** The digest of what waits. `first` are the views of the most urgent, in order. */
export function digestLetter(
  { counts, told }: Pick<Waiting, 'counts' | 'told'>,
  first: readonly RequestView[],
  settings: DigestSettings,
): Letter {
  const total = totalOf(counts);
  const { time_zone, digest_at } = settings.preferences;
  const left = total - first.length;
  return {
    above: [settings.workspace],
    sentence: [`${requests(total)} for you`],
    below: [
      `${countsInWords(counts)}.`,
      `${total === 1 ? 'It' : 'They'} came without interrupting you.${told === 0 ? '' : ` Beside ${total === 1 ? 'it' : 'them'}, ${told} that you were told of still ${told === 1 ? 'waits' : 'wait'}.`}`,
    ],
    ...(settings.queue === undefined
      ? {}
      : {
          link: {
            text: 'Open the queue',
            href: settings.queue,
            note: 'Approve or reject there. Opening it decides nothing.',
          },
        }),
    blocks: [
      {
        kind: 'rows',
        title: 'Most urgent first',
        rows: first.map((request) => rowOf(request, settings)),
        ...(left > 0 ? { more: `${left} more in the queue.` } : {}),
      },
    ],
    foot: [
      `You asked for this at ${[...digest_at].sort().join(', ')} (${time_zone}): Settings, in Countersign.`,
      'An answer to this mail reaches nobody and decides nothing.',
    ],
  };
}
