/** The curves of the study, as pictures. */
import { wilson } from '@countersign/shared/figures';
import { drawing, type Line, type Panel } from './plot.ts';
import { chanceOfReading } from './power.ts';
import { KINDS } from './reader.ts';
import type { Results } from './results.ts';
import { everBy, FLAGS, once } from './study.ts';

/** How many of the teams have been flagged at some look so far: detection for three kinds of team, false alarms for the careful. */
export function detectionCurves(results: Results): string {
  const rows = results.map(({ stream, teams }) =>
    FLAGS.map(({ name, isUp }): Panel => {
      const lines = KINDS.map((kind): Line => {
        const moments = teams.find(({ team }) => team.name === kind)?.moments ?? [];
        const points = everBy(moments, isUp).map((k, index) => {
          const { low, high } = wilson({ k, n: moments.length });
          return { x: index + 1, y: k / moments.length, low, high };
        });
        return { name: kind, points };
      });
      return {
        title: `${stream}: ${name}`,
        xLabel: 'canaries decided in the cell',
        yLabel: 'teams flagged at some look',
        x: { from: 0, to: 100, step: 20 },
        lines,
      };
    }),
  );
  return drawing(
    rows,
    'Share of simulated teams flagged by then, against canaries decided, by kind of reviewer and by figure',
  );
}

/** The chance of each reading at one look, from the share that a team really catches. */
export function powerCurves(): string {
  const panel = (title: string, reading: 'rubber_stamped' | 'mis_tiered'): Panel => ({
    title,
    xLabel: 'canaries that the team really catches, %',
    yLabel: 'chance of this reading',
    x: { from: 0, to: 100, step: 20 },
    lines: [20, 40, 100].map((n) => ({
      name: `${n} canaries`,
      points: Array.from({ length: 99 }, (_, index) => index + 1).map((percent) => ({
        x: percent,
        y: chanceOfReading(reading, n, percent / 100, once),
      })),
    })),
  });
  return drawing(
    [[panel('read as: missed', 'rubber_stamped'), panel('read as: caught', 'mis_tiered')]],
    'Chance of each reading against the share of canaries that a team really catches, after 20, 40 and 100 canaries',
  );
}
