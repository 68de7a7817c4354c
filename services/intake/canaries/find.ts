/** What to plant now: of everything that could be made, the first that its agent's own call would be like. */
import type { Programme } from '@countersign/shared/policy';
import type { PlantedRequest } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { practisedOn } from '../drills/stored.ts';
import { readAround } from '../requests/route.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import { type Choice, choicesOf, mutationsIn } from './choose.ts';
import { askedLately, hasAnswered, readAsked } from './lately.ts';
import { forPlanting, libraryName } from './library.ts';
import type { Draw } from './mutate.ts';
import { canaryFrom } from './plant.ts';
import { isBearable } from './quiet.ts';
import { oldest, sourcesFor } from './source.ts';
import { isToldToBrowsersOnly } from './told-to-browsers.ts';
import { asAsked } from './written.ts';

/** So many ways to plant one are tried. */
const mostTried = 20;

/** What one could be made of, each with everything that could be wrong with it: history, and what people wrote. */
async function possible(
  redis: Redis,
  current: Current,
  programme: Programme,
  used: ReadonlySet<string>,
  draw: Draw,
): Promise<Choice[]> {
  const { snapshot, now } = current;
  const practised = await practisedOn(redis, snapshot.keys, snapshot.directory.reviewers);
  const known = new Set([...used, ...practised]);
  const sources = await sourcesFor(redis, current, programme, known);
  const written = forPlanting(snapshot.policy).filter(
    ({ name, tool }) => programme.concerns(tool) && !used.has(libraryName(name)),
  );
  const ofHistory = [...new Set(sources.map(({ record }) => record.agent))];
  const ofLibrary = [...new Set(written.map(({ agent }) => agent))];
  const asked = await askedLately(redis, current, [...new Set([...ofHistory, ...ofLibrary])]);
  const answers = new Set(sources.filter(hasAnswered).map(({ record }) => record.agent));
  const made = shuffled(sources, draw)
    .filter(({ record }) => !answers.has(record.agent))
    .flatMap((source) => choicesOf(source, source.record.id, mutationsIn(source, draw), asked, now, draw));
  if (made.length > 0 || written.length === 0) return made;
  const weeks = await readAsked(redis, current, ofLibrary, oldest);
  return shuffled(written, draw).flatMap((canary) => {
    const found = asAsked(canary, weeks);
    if (found === undefined) return [];
    return choicesOf(found.source, libraryName(canary.name), [found.mutation], asked, now, draw);
  });
}

const shuffled = <T>(all: readonly T[], draw: Draw): T[] =>
  all
    .map((one) => ({ one, at: draw() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);

/** One that may be planted now: told to browsers only, and no more than anyone bears. */
export async function findChoice(
  redis: Redis,
  current: Current,
  programme: Programme,
  planted: readonly PlantedRequest[],
  used: ReadonlySet<string>,
  draw: Draw,
): Promise<Choice | undefined> {
  const around = await readAround(redis, current);
  const world = worldOf(current);
  const all = await possible(redis, current, programme, used, draw);
  for (const choice of all.slice(0, mostTried)) {
    const canary = await canaryFrom(redis, choice, current);
    if (canary === undefined) continue;
    const { request } = canary;
    if (isBearable(request, planted, world) && isToldToBrowsersOnly(request, around)) return choice;
  }
  return undefined;
}
