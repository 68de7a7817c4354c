/** Simulated reviewers of known skill on a real agent's calls: the shipped figures name the right one. */
import { NEARLY_ALL, wilson } from '@countersign/shared/figures';
import { describe, expect, test } from 'vitest';
import { recordedConversations } from '../../bench/reviewers/calls.ts';
import type { Kind } from '../../bench/reviewers/reader.ts';
import { streamsOf } from '../../bench/reviewers/results.ts';
import { once, said, studied, teamOf } from '../../bench/reviewers/study.ts';

const conversations = recordedConversations();
const TEAMS = 12;
const CANARIES = 40;

// The calls are not the project's to ship: without them this suite is skipped, and says so.
describe.skipIf(conversations === undefined)('real calls (../shared/data/airline-tool-calls.jsonl)', () => {
  const [recorded, quiet] = streamsOf(conversations ?? []);

  /** What each of the teams is called after its last canary. */
  const names = (kind: Kind, stream: typeof recorded): Record<string, number> => {
    expect.assert(stream !== undefined);
    const counts: Record<string, number> = {};
    for (const moments of studied(teamOf(kind, 5), stream, TEAMS, CANARIES)) {
      const last = moments.at(-1);
      expect.assert(last !== undefined);
      const { reading, how } = said(last, once);
      const name = how ?? reading;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };

  /** All teams but two at most: a reading at 95% errs now and then, and a drift alarm makes a careful team `unknown`. */
  const nearlyAll = TEAMS - 2;

  test.each([
    ['careful', 'healthy'],
    ['habituated', 'unread'],
    ['random', 'by_chance'],
    ['colluding', 'only_here'],
  ] as const)('where half of the calls are wrong, %s reviewers are read as %s', (kind, name) => {
    expect(names(kind, recorded)[name]).toBeGreaterThanOrEqual(nearlyAll);
  });

  test.each([
    ['careful', 'mis_tiered'],
    ['habituated', 'unread'],
    // Who rejects one in fifty by chance can not be told from who sees nothing.
    ['random', 'looked_at'],
    ['colluding', 'only_here'],
  ] as const)('where one call in a hundred is wrong, %s reviewers are read as %s', (kind, name) => {
    expect(names(kind, quiet)[name]).toBeGreaterThanOrEqual(nearlyAll);
  });

  test('where one call in a hundred is wrong, the approval rate alone says the same of careful, habituated and colluding reviewers', () => {
    expect.assert(quiet !== undefined);
    for (const kind of ['careful', 'habituated', 'colluding'] as const) {
      const last = studied(teamOf(kind, 5), quiet, 1, 80)[0]?.at(-1);
      expect.assert(last !== undefined);
      expect(wilson(last.approvals).low).toBeGreaterThan(NEARLY_ALL);
    }
  });

  test('the drift alarm has come for all habituated teams, and for few careful ones', () => {
    expect.assert(quiet !== undefined);
    const alarmed = (kind: Kind): number =>
      studied(teamOf(kind, 5), quiet, TEAMS, CANARIES).filter((moments) => moments.at(-1)?.alarmed).length;
    expect(alarmed('habituated')).toBe(TEAMS);
    // One in 215 canaries while 15% are missed; these miss 12%.
    expect(alarmed('careful')).toBeLessThanOrEqual(3);
  });

  test('the same seeds make the same teams', () => {
    expect.assert(quiet !== undefined);
    const once = studied(teamOf('habituated', 3), quiet, 2, 10);
    expect(studied(teamOf('habituated', 3), quiet, 2, 10)).toEqual(once);
    expect(once[0]).not.toEqual(once[1]);
  });
});
