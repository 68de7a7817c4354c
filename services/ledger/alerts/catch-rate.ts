/**
 * Falling catch rate: the drift alarm of the canaries of a cell, of a team, or of all teams (`CATCH_DRIFT`: one false alarm
 * in about 215 canaries while 15% are missed, found about 14 canaries after it has become 40%). Only where five or more
 * people decide. Pure.
 */
import type { AlertAbout } from '@countersign/shared/contracts';
import { CATCH_DRIFT, type Count, LEAST, rateOf } from '@countersign/shared/figures';
import { leastPeople } from '../insights/estimates.ts';
import type { DriftState } from '../insights/memory.ts';
import type { Finding } from './finding.ts';

/** One chart: of whose canaries, who decides there, what was caught in 30 days and since the last alarm. */
export type Catches = { about: AlertAbout; drift: DriftState; people: number; caught: Count; since: Count };

/** An alarm older than so long is no news, ms. */
const news = 14 * 86_400_000;

type Level = 'cell' | 'team' | 'all';
const levelOf = ({ tool, team }: AlertAbout): Level =>
  tool !== undefined ? 'cell' : team === undefined ? 'all' : 'team';

/**
 * Each chart that has raised its alarm. A cell says nothing beside its team, and all teams together nothing beside either,
 * or where there is but one. An alarm is over once `LEAST.catchTeam` canaries have come after it and the sum of their
 * misses is below half of what raises another.
 *
 * @param now Redis ms
 */
export function catchFindings(charts: readonly Catches[], now: number): Finding[] {
  const findings = charts.flatMap(({ about, drift, people, caught, since }): Finding[] => {
    const { sum, last_alarm } = drift;
    if (people < leastPeople || last_alarm === null) return [];
    const over = since.n >= LEAST.catchTeam && sum < CATCH_DRIFT.alarm / 2;
    const share = rateOf(caught, LEAST.catchTeam);
    return [
      {
        kind: 'catch_rate',
        about,
        state: over ? 'off' : now - last_alarm <= news ? 'on' : 'between',
        figures: {
          ...(share.enough ? { share: portion(share) } : {}),
          since: new Date(last_alarm).toISOString(),
        },
      },
    ];
  });
  const on = findings.filter(({ state }) => state === 'on').map(({ about }) => about);
  const teams = new Set(on.flatMap((about) => (levelOf(about) === 'team' ? [about.team] : [])));
  const alone = new Set(charts.flatMap(({ about }) => about.team ?? [])).size === 1;
  const narrower = on.some((about) => levelOf(about) !== 'all');
  return findings.map((finding) => {
    const level = levelOf(finding.about);
    const told = level === 'cell' ? teams.has(finding.about.team) : level === 'all' && (alone || narrower);
    return told ? { ...finding, told } : finding;
  });
}

type Portion = { k: number; n: number; rate: number; low: number; high: number };
const portion = ({ k, n, rate, low, high }: Portion): Portion => ({ k, n, rate, low, high });
