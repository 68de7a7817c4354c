/** The card of a drill that is in front, made again each time it is looked at, and the drill as its owner sees it. */
import type { Drill } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import type { Caller } from '../requests/service.ts';
import { type Card, cardFrom, cardId } from './card.ts';
import { materialOf } from './material.ts';
import { answered, cardsOf, type DrillRecord, resultOf, withItem } from './record.ts';

/** A card made again; undefined where it can no longer be. */
export async function makeCard(
  redis: Redis,
  caller: Caller,
  drill: DrillRecord,
  at: number,
): Promise<Card | undefined> {
  const item = drill.items[at];
  const source = item && (await materialOf(redis, caller, item.of));
  if (item === undefined || source === undefined) return undefined;
  const made = { id: cardId(drill.id, at + 1), at: drill.started_at, person: caller.key.owner };
  return cardFrom(source, item, made, caller.current);
}

/** The drill as far as it has come, with the card to be decided, if one can still be made. */
export type InFront = { drill: DrillRecord; at: number; card: Card } | { drill: DrillRecord; card?: never };

/** The first card that has no answer; those before it that can no longer be made are passed over. */
export async function nextCard(redis: Redis, caller: Caller, drill: DrillRecord): Promise<InFront> {
  let passed = drill;
  for (const [at, item] of drill.items.entries()) {
    if (item.answer !== undefined || item.gone) continue;
    const card = await makeCard(redis, caller, drill, at);
    if (card !== undefined) return { drill: passed, at, card };
    passed = withItem(passed, at, { gone: true });
  }
  return { drill: passed };
}

/** The drill as its owner sees it. */
export async function shownDrill(redis: Redis, caller: Caller, stored: DrillRecord): Promise<Drill> {
  const next = stored.ended === undefined ? await nextCard(redis, caller, stored) : { drill: stored };
  return shown(next);
}

/** The same, its card made already. */
export function shown(next: InFront): Drill {
  const { drill, card } = next;
  return {
    id: drill.id,
    started_at: new Date(drill.started_at).toISOString(),
    cards: cardsOf(drill).length,
    answered: answered(drill).length,
    ...(card === undefined ? {} : { card: { number: next.at + 1, request: card.request } }),
    ...(drill.ended === undefined ? {} : { result: resultOf(drill, drill.ended.at) }),
  };
}
