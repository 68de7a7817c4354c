/**
 * Who has practised, by team: how many of it, never who, and never how it went. A drill repairs and does not measure
 * (oversight.md, "Canaries and drills"), so there is no score of it for anyone but who took it; and a sum over a team
 * would tell one person's as soon as it is compared with the sum of the day before.
 */
import type { DrillTeams } from '@countersign/shared/contracts';
import { encodeEvent } from '@countersign/shared/feed';
import type { Caller, Service } from '../requests/service.ts';

/** No team of fewer is shown (oversight.md, "Never"). */
const leastTeam = 5;
/** How far back is looked, ms. */
const span = 90 * 86_400_000;

/** Participation since 90 days. That it was read is on record before it is answered. */
export async function drillTeams({ redis }: Pick<Service, 'redis'>, caller: Caller): Promise<DrillTeams> {
  const { key, current } = caller;
  const { now, snapshot } = current;
  const { keys, directory, groupsOf } = snapshot;
  const since = now - span;
  const finished = new Set(await redis.zrange(keys.drilled, `(${since}`, '+inf', 'BYSCORE'));
  const teams = new Map<string | null, string[]>();
  for (const person of directory.reviewers) {
    for (const team of [null, ...(groupsOf(person) ?? [])])
      teams.set(team, [...(teams.get(team) ?? []), person]);
  }
  const event = {
    type: 'insights.read',
    at: now,
    actor: { kind: 'person', id: key.owner },
    data: { key: key.id, of: 'drills' },
  } as const;
  await redis.xadd(keys.feed, '*', ...encodeEvent(event));
  return {
    since: new Date(since).toISOString(),
    teams: [...teams]
      .filter(([, people]) => people.length >= leastTeam)
      .map(([team, people]) => ({
        team,
        people: people.length,
        finished: people.filter((person) => finished.has(person)).length,
      }))
      .sort((a, b) => (a.team ?? '').localeCompare(b.team ?? '')),
  };
}
