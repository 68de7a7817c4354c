/** What a digest says: how much waits that did not interrupt, the most urgent of it, and where the rest is. Pure. */
import type { Preferences, RequestView, Tier } from '@countersign/shared/contracts';
import type { Letter, Row } from '../messages/letter.ts';
import { sentenceOf } from '../messages/mail.ts';
import { momentInWords, spanInWords } from '../messages/time-words.ts';
import type { Waiting } from './waiting.ts';

const tiers = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Tier[];

/** `1 high, 4 medium, 2 low`: what there is, gravest first. */
function countsInWords(counts: Waiting['counts']): string {
  return tiers.flatMap((tier) => (counts[tier] === 0 ? [] : [`${counts[tier]} ${tier}`])).join(', ');
}

export const totalOf = (counts: Waiting['counts']): number =>
  tiers.reduce((sum, tier) => sum + counts[tier], 0);

const requests = (count: number): string => (count === 1 ? '1 request waits' : `${count} requests wait`);

/** `Countersign: 7 waiting (1 high, 4 medium, 2 low), 3 to look at`; `ran` is how many ran before anyone looked. */
export function digestSubject(counts: Waiting['counts'], ran = 0): string {
  const total = totalOf(counts);
  const waits = total === 0 ? [] : [`${total} waiting (${countsInWords(counts)})`];
  return `Countersign: ${[...waits, ...(ran === 0 ? [] : [`${ran} to look at`])].join(', ')}`;
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

/** What ran already: how many in all, and the first of it. */
export type RanViews = { total: number; first: readonly RequestView[] };

function ranRowOf(request: RequestView, { now, preferences, card }: DigestSettings): Row {
  const { review, status, tier, agent } = request;
  const at = Date.parse(review?.until ?? '');
  const left =
    status === 'undo_requested'
      ? 'to be undone, and not yet'
      : `until ${momentInWords(at, preferences.time_zone)} (${spanInWords(at - now)} left)`;
  const link = card(request.id);
  return {
    tier,
    sentence: sentenceOf(request),
    about: `${agent} · ${left}`,
    ...(link === undefined ? {} : { link }),
  };
}

function ranBlock({ total, first }: RanViews, settings: DigestSettings): Letter['blocks'] {
  if (total === 0) return [];
  const left = total - first.length;
  return [
    {
      kind: 'rows',
      title: 'Ran already, to look at',
      rows: first.map((request) => ranRowOf(request, settings)),
      ...(left > 0 ? { more: `${left} more in the list.` } : {}),
    },
  ];
}

/** The digest of what waits, and of what ran before anyone looked. `first` are the views of the most urgent, in order. */
export function digestLetter(
  { counts, told }: Pick<Waiting, 'counts' | 'told'>,
  first: readonly RequestView[],
  settings: DigestSettings,
  ran: RanViews = { total: 0, first: [] },
): Letter {
  const total = totalOf(counts);
  const { time_zone, digest_at } = settings.preferences;
  const left = total - first.length;
  return {
    above: [settings.workspace],
    sentence: [
      total === 0
        ? `${ran.total === 1 ? '1 call' : `${ran.total} calls`} to look at`
        : `${requests(total)} for you`,
    ],
    below:
      total === 0
        ? ['Nothing waits for you: it ran already.']
        : [
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
      ...(total === 0
        ? []
        : [
            {
              kind: 'rows' as const,
              title: 'Most urgent first',
              rows: first.map((request) => rowOf(request, settings)),
              ...(left > 0 ? { more: `${left} more in the queue.` } : {}),
            },
          ]),
      ...ranBlock(ran, settings),
    ],
    foot: [
      `You asked for this at ${[...digest_at].sort().join(', ')} (${time_zone}): Settings, in Countersign.`,
      'An answer to this mail reaches nobody and decides nothing.',
    ],
  };
}
