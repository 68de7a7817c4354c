/** A simulation as a person reads it: what changes first, with both denominators and the bound. */
import type { BacktestProgress, Simulation } from '@countersign/shared/contracts';
import { inert } from './inert.ts';

const whole = (count: number): string => count.toLocaleString('en');
const percent = (share: number): string => {
  const points = share * 100;
  return `${points > 0 && points < 10 ? points.toFixed(1) : Math.round(points)}%`;
};

const width = 20;

/** `▓▓▓▓▓░░░░░  43%  43,000 of 100,000 actions judged`. */
export function progressLine({ stage, done, of }: BacktestProgress): string {
  if (stage === 'waiting') return 'Waiting for the server …';
  const full = of === 0 ? width : Math.floor((done / of) * width);
  const share = of === 0 ? 100 : Math.floor((done / of) * 100);
  const what = stage === 'reading' ? 'entries read' : 'actions judged';
  return `${'▓'.repeat(full)}${'░'.repeat(width - full)} ${String(share).padStart(3)}%  ${whole(done)} of ${whole(of)} ${what}`;
}

const effectWords = {
  allow: 'allowed',
  review_after: 'reviewed after',
  approval_required: 'asked first',
  deny: 'denied',
} as const;

const faultWords = {
  rejected: 'rejected by a reviewer',
  edited: 'edited by a reviewer',
  undone: 'taken back afterwards',
  failed: 'reported as failed',
  audited: 'found by an audit',
  any: 'all of these',
} as const;

/** Columns that line up: the first to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ')}`.trimEnd());
}

const answer = ({ effect, tier }: Simulation['changes'][number]['was']): string =>
  effect === 'approval_required' || effect === 'review_after'
    ? `${effectWords[effect]} (${tier})`
    : effectWords[effect];

/** The lines of a whole result. */
export function renderSimulation(result: Simulation): string[] {
  const { actions, period, left_out, asked, unasked } = result;
  if (period === null) return ['Nothing that was proposed then can be judged.', ...leftOut(left_out)];
  const about = `${whole(actions)} actions from ${period.from} to ${period.to}, under ${result.policy_digest}`;
  return [
    about,
    ...leftOut(left_out),
    '',
    ...table([
      ['', 'was', 'would be'],
      ...(['allow', 'review_after', 'approval_required', 'deny'] as const).map((effect) => [
        effectWords[effect],
        whole(result.was[effect]),
        whole(result.would[effect]),
      ]),
      ...result.tiers
        .filter(({ was, would }) => was + would > 0)
        .map(({ tier, was, would }) => [`  a person looks, ${tier}`, whole(was), whole(would)]),
    ]),
    '',
    `Asked first: ${whole(asked.would.k)} of ${whole(actions)} (${percent(asked.would.share ?? 0)}); it was ${whole(asked.was.k)} (${percent(asked.was.share ?? 0)}).`,
    ...known(result),
    ...(unasked.actions === 0
      ? []
      : [
          `Nobody would be asked first about ${whole(unasked.actions)} that were stopped for it before. A person had judged ${whole(unasked.judged)} of those, and ${whole(unasked.faulty)} were wrong: up to ${percent(unasked.bound)} of such calls may be (95% bound).`,
        ]),
    ...changes(result),
    ...shadow(result),
    ...errors(result),
  ];
}

function leftOut({ erased, planted }: Simulation['left_out']): string[] {
  return [
    ...(erased === 0 ? [] : [`  ${whole(erased)} more can not be judged: their arguments were erased.`]),
    ...(planted === 0 ? [] : [`  ${whole(planted)} planted tests of attention are left out.`]),
  ];
}

/** Nothing known to have been wrong says nothing for a policy: it is told so. */
function known({ faults }: Simulation): string[] {
  const some = faults.filter(({ n }) => n > 0);
  if (some.length === 0)
    return [
      'None of these actions is known to have been wrong, so nothing shows whether this policy stops the right ones.',
      'Audit 59 calls that ran unasked: if none is wrong, at most 5% of them are (95% confidence).',
    ];
  return [
    '',
    'Known to have been wrong, and stopped first (asked about, or denied):',
    ...table([
      ['', 'known', 'was', 'would be', 'at least'],
      ...some.map(({ fault, n, was, would, low }) => [
        faultWords[fault],
        whole(n),
        whole(was),
        whole(would),
        percent(low ?? 0),
      ]),
    ]),
    '  “at least” is the lower end of the 95% interval (Wilson).',
  ];
}

function changes({ changes }: Simulation): string[] {
  if (changes.length === 0) return ['', 'Every action would be answered as it was.'];
  return changes.flatMap(({ was, would, actions, faulty, examples }) => [
    '',
    `${answer(was)} → ${answer(would)}: ${whole(actions)}${faulty === 0 ? '' : `, of which ${whole(faulty)} were wrong`}`,
    ...examples.map(
      (example) =>
        `  ${inert(example.request_id)}  ${inert(example.agent)}  ${inert(example.tool)}  by ${example.would_rules.map(inert).join(', ')}${example.faults.length === 0 ? '' : `; ${example.faults.map((fault) => faultWords[fault]).join(', ')}`}`,
    ),
  ]);
}

function shadow({ shadow }: Simulation): string[] {
  if (shadow.length === 0) return [];
  return [
    '',
    'Shadow rules:',
    ...table([
      ['', 'matches', 'would change', 'on record'],
      ...shadow.map(({ rule, matched, changed, recorded }) => [
        inert(rule),
        whole(matched),
        whole(changed),
        whole(recorded),
      ]),
    ]),
  ];
}

function errors({ rules }: Simulation): string[] {
  const broken = rules.filter((rule) => rule.errors > 0);
  return broken.length === 0
    ? []
    : [
        '',
        'Conditions without an answer (a human is asked):',
        ...table(broken.map((rule) => [inert(rule.rule), whole(rule.errors)])),
      ];
}
