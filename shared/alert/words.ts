/** What an alert says, in plain words: what happened to what, the figures with n and interval, what to do. Pure. */
import type { Alert, AlertAbout, AlertFigures } from '../contracts/index.ts';

/** A piece of a sentence: our own words, or a name that somebody else chose. */
export type AlertPart = string | { value: string };

export type AlertWords = {
  title: AlertPart[];
  found: { name: string; value: string }[];
  /** What to do, the first thing first. */
  advice: string[];
};

/** `0.8%`, `35%`: a share as people say it, never rounded up to all or down to nothing. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (share > 0.99 && share < 1) return `${(Math.floor(percent * 10) / 10).toFixed(1)}%`;
  if (percent >= 9.95 || percent === 0) return `${Math.round(percent)}%`;
  return percent < 0.05 ? 'under 0.1%' : `${percent.toFixed(1)}%`;
}

function portionText({ k, n, rate, low, high }: NonNullable<AlertFigures['share']>): string {
  return `${k} of ${n}, ${percentText(rate)} (95% sure: ${percentText(low)} to ${percentText(high)})`;
}

/** `once in 4,000 looks`: how rare it is by chance, rounded down to two figures. */
function rarityText(chance: number): string {
  if (chance < 1e-9) return 'less than once in a billion';
  const times = 1 / chance;
  const round = 10 ** Math.max(0, Math.floor(Math.log10(times)) - 1);
  return `once in ${(Math.floor(times / round) * round).toLocaleString('en')}`;
}

const clock = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

const nameOf = ({ tool, team, agent }: AlertAbout): AlertPart[] => {
  if (agent !== undefined) return [{ value: agent }];
  const of: AlertPart[] = tool === undefined ? ['requests'] : [{ value: tool }];
  return team === undefined ? of : [...of, ', asked of ', { value: team }];
};

const teamOf = ({ team }: AlertAbout): AlertPart[] =>
  team === undefined ? ['all teams together'] : ['what is asked of ', { value: team }];

/** What it is about, a line each. */
function cellLines({ tool, rules, tier, team, agent }: AlertAbout): AlertWords['found'] {
  const lines = [
    ['Agent', agent],
    ['Tool', tool],
    ['Rules', rules && (rules.length === 0 ? 'the default' : rules.join(', '))],
    ['Tier', tier],
    ['Team', team],
  ] as const;
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/** The words of an alert. Names in them are not ours: whoever shows them takes disguises off. */
export function alertWords({ kind, about, figures }: Pick<Alert, 'kind' | 'about' | 'figures'>): AlertWords {
  const { title, found, advice } = { timeouts, catch_rate, always_approved, flooding, load }[kind](
    about,
    figures,
  );
  return {
    title,
    found: [...cellLines(about), ...found.flatMap(([name, value]) => (value ? [{ name, value }] : []))],
    advice,
  };
}

type Found = readonly [name: string, value: string | undefined];
type Said = { title: AlertPart[]; found: Found[]; advice: string[] };

function timeouts(about: AlertAbout, { share, usual, chance }: AlertFigures): Said {
  return {
    title: ['Far more requests time out than usual: ', ...nameOf(about)],
    found: [
      ['Timed out in 24 hours', share && portionText(share)],
      [
        'Usual',
        usual && `${usual.k} of ${usual.n}, ${percentText(usual.rate)}, on ${usual.days} days before`,
      ],
      ['By chance', chance === undefined ? undefined : rarityText(chance)],
    ],
    advice: [
      'See who is there to decide: people who are away can name somebody to stand in, and a step of the ladder can ask others.',
      'If nobody minds these requests, a lower tier with a digest asks less of people. A timeout is never an approval.',
    ],
  };
}

function catch_rate(about: AlertAbout, { share, since }: AlertFigures): Said {
  return {
    title: [
      'Fewer planted requests are caught than before: ',
      ...(about.tool === undefined ? teamOf(about) : nameOf(about)),
    ],
    found: [
      ['Caught in 30 days', share ? portionText(share) : 'too few to say'],
      ['Alarm', since && `of ${clock(since)}`],
    ],
    advice: [
      'Ask first whether the team has the time: look at the load, and at how fast approvals come.',
      'Offer a drill, and ask for less: what is approved nearly always may not need a person.',
      'It is about the team and the work. Who missed what is told to nobody, and is not to be asked for.',
    ],
  };
}

function always_approved(about: AlertAbout, { share, reading }: AlertFigures): Said {
  const advice: Record<string, string[]> = {
    mis_tiered: [
      'Planted requests are caught here, so people read and find nothing: a lower tier, a batch or a review afterwards would ask less of them. The suggestions test that on your own history.',
    ],
    rubber_stamped: [
      'Planted requests are missed here: what is approved is not read. Do not loosen anything; ask for less elsewhere, and offer a drill.',
    ],
  };
  return {
    title: ['Approved nearly always: ', ...nameOf(about)],
    found: [
      ['Approved in 30 days', share && portionText(share)],
      ['Read as', reading?.replace('_', '-')],
    ],
    advice: advice[reading ?? ''] ?? [
      'An approval rate alone can not tell a safe tool from a rubber stamp. Plant canaries, or audit 59 approved calls, before anything is loosened.',
    ],
  };
}

function flooding({ agent = '' }: AlertAbout, { why, times = 1, paused, until, since }: AlertFigures): Said {
  const said =
    why === 'rejections' ? 'It was rejected again and again.' : 'It asked more than policy lets it.';
  return {
    title: [{ value: agent }, paused ? ' asks people too much, and is paused' : ' asks people too much'],
    found: [
      ['Why', said],
      ['Held back', since && `${times === 1 ? 'once' : `${times} times`}, last at ${clock(since)}`],
      ['It may ask again', paused ? 'when somebody lifts the pause' : until && `at ${clock(until)}`],
    ],
    advice: [
      'See what it asks for, and whether it is in a loop. Pause it if it is; what waits of it is then cancelled.',
      paused
        ? 'Lift the pause once it is put right.'
        : 'Once it is put right, the hold can be lifted early: countersign throttles lift AGENT.',
    ],
  };
}

function load(about: AlertAbout, { busy, arrivals, hours, on_duty }: AlertFigures): Said {
  const taken =
    busy &&
    (busy.rate === null
      ? 'nobody was there'
      : `${percentText(busy.rate)}${busy.low === null || busy.high === null ? '' : ` (95% sure: ${percentText(busy.low)} to ${percentText(busy.high)})`}`);
  return {
    title: ['More arrives than reviewers can read: ', ...teamOf(about)],
    found: [
      ['Reviewers’ time taken up', taken],
      ['Arrived', arrivals === undefined ? undefined : `${arrivals} in ${hours ?? 168} hours`],
      ['On duty', on_duty === undefined ? undefined : `${on_duty.toFixed(1)} people in an hour`],
    ],
    advice: [
      'From 80% on waits grow without bound, and what is read in a hurry is not read. Ask more people, or ask for less.',
      'Look for what is approved nearly always, for repeats, and for batches that could be digests.',
    ],
  };
}
