/** What a reviewer does with a drill beside answering it: starts it, goes on with it, stops it. */
import type { Drill, DrillResult, Drills, Problem } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import type { Draw } from '../canaries/mutate.ts';
import { newFraction, newUlid } from '../random.ts';
import type { Caller, Service } from '../requests/service.ts';
import { cardFrom, cardId } from './card.ts';
import { seedFrom, shuffled } from './chance.ts';
import { shownDrill } from './in-front.ts';
import { findMaterial } from './material.ts';
import { type DrillItem, type DrillRecord, isUnderWay, resultOf } from './record.ts';
import { busy, noDrill, rounds } from './refusals.ts';
import { ending, eventOf, readDrill, type Stored, writeDrill } from './stored.ts';

type Practising = Pick<Service, 'redis'>;

/**
 * `POST /v1/drills`. Half of the cards are wrong, in an order of chance: at that prevalence neither approving nor
 * rejecting by habit is right more often than a coin, and it is what the blocks had that repaired misses (oversight.md,
 * "Canaries and drills"). One that is under way is given instead of another.
 */
export async function startDrill(
  { redis }: Practising,
  caller: Caller,
  most: number,
  draw: Draw = newFraction,
): Promise<{ created: boolean; drill: Drill } | Problem> {
  const { key, current } = caller;
  const { keys } = current.snapshot;
  for (let round = 0; round < rounds; round++) {
    const before = await readDrill(redis, keys, key.owner);
    if (isUnderWay(before.drill, current.now))
      return { created: false, drill: await shownDrill(redis, caller, before.drill) };
    const drill = await newDrill(redis, caller, most, draw);
    const lapsed = lapsing(before, current.now);
    const after: Stored = { ...(lapsed ?? before), drill };
    const events: EventBody[] = [
      ...(lapsed?.drill === undefined ? [] : [eventOf('drill.ended', key.owner, lapsed.drill, current.now)]),
      eventOf('drill.started', key.owner, drill, current.now),
    ];
    if (await writeDrill(redis, keys, key.owner, before, after, events, current.now))
      return { created: true, drill: await shownDrill(redis, caller, drill) };
  }
  return busy;
}

/** What is ended by the next one: a drill that was not gone on with. */
function lapsing(stored: Stored, now: number): Stored | undefined {
  const { drill } = stored;
  if (drill === undefined || drill.ended !== undefined) return undefined;
  return ending(stored, drill, { at: now, why: 'lapsed' });
}

/** Half of them wrong, and each of something else. There is always enough: cards come with every installation. */
async function newDrill(
  redis: Service['redis'],
  caller: Caller,
  most: number,
  draw: Draw,
): Promise<DrillRecord> {
  const { key, current } = caller;
  const id = `drl_${newUlid(current.now)}`;
  const made = { at: current.now, person: key.owner };
  const items: DrillItem[] = [];
  for (const source of await findMaterial(redis, caller, draw)) {
    if (items.length === most) break;
    const item = { of: source.of, seed: seedFrom(draw), wrong: true };
    // Whom policy would ask may depend on the value that is wrong.
    const both = [item, { ...item, wrong: false }];
    if (both.every((one) => cardFrom(source, one, { id: cardId(id, 1), ...made }, current) !== undefined))
      items.push(item);
  }
  const wrong = shuffled(
    items.map((_, index) => index < items.length / 2),
    draw,
  );
  return {
    id,
    started_at: current.now,
    touched_at: current.now,
    // The order of chance again: what was found first was of other tools than what was found last.
    items: shuffled(items, draw).map((item, index) => ({ ...item, wrong: wrong[index] ?? false })),
  };
}

/** `GET /v1/drills`: one's own, and never another's. */
export async function readDrills({ redis }: Practising, caller: Caller): Promise<Drills> {
  const { key, current } = caller;
  const { drill, past } = await readDrill(redis, current.snapshot.keys, key.owner);
  return { drill: isUnderWay(drill, current.now) ? await shownDrill(redis, caller, drill) : null, past };
}

/** `POST /v1/drills/{id}/stop`. One that has ended gives its result again. */
export async function stopDrill(
  { redis }: Practising,
  caller: Caller,
  id: string,
): Promise<DrillResult | Problem> {
  const { key, current } = caller;
  const { keys } = current.snapshot;
  for (let round = 0; round < rounds; round++) {
    const before = await readDrill(redis, keys, key.owner);
    const ended = before.past.find((result) => result.id === id);
    if (ended !== undefined) return ended;
    const { drill } = before;
    if (drill?.id !== id || !isUnderWay(drill, current.now)) return noDrill(id);
    const after = ending(before, drill, { at: current.now, why: 'stopped' });
    const events =
      after.drill === undefined ? [] : [eventOf('drill.ended', key.owner, after.drill, current.now)];
    if (await writeDrill(redis, keys, key.owner, before, after, events, current.now))
      return resultOf(after.drill ?? drill, current.now);
  }
  return busy;
}
