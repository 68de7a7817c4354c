/**
 * What the cards of a drill are made of: calls of this workspace's own history that people approved as proposed, and
 * cards that somebody here has written; where those are too few, the cards that come with every installation.
 */
import { audienceOf, isPlanted, type Loaded, loadRequest, loadRequests } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { builtIn, forDrills } from '../canaries/library.ts';
import { sourcesThatWait } from '../canaries/made-of.ts';
import type { Draw } from '../canaries/mutate.ts';
import { wasRight } from '../canaries/source.ts';
import { type Caller, mayRead } from '../requests/service.ts';
import { inTurn, shuffled } from './chance.ts';
import { libraryItem, type Matter, ofHistory, ofLibrary } from './matter.ts';

/** Among so many of the newest approvals is looked. */
const most = 300;

/** What this person may read anyway, and was right. */
function isFit(caller: Caller, { record }: Loaded): boolean {
  return !isPlanted(record) && wasRight(record) && mayRead(caller, record, audienceOf(record));
}

/** All there is, in an order of chance in which the tools take turns, and what everyone has after one's own. */
export async function findMaterial(redis: Redis, caller: Caller, draw: Draw): Promise<Matter[]> {
  const { keys, policy } = caller.current.snapshot;
  const [ids, planted] = await Promise.all([
    redis.zrevrange(keys.index('status', 'approved'), 0, most - 1),
    sourcesThatWait(redis, keys),
  ]);
  const history = (await loadRequests(redis, keys, ids))
    .filter((loaded) => isFit(caller, loaded) && !planted.has(loaded.record.id))
    .flatMap((loaded) => ofHistory(loaded) ?? []);
  const written = forDrills(policy).map((card) => ({ card, matter: ofLibrary(card) }));
  const everyones = new Set(builtIn());
  const own = written.filter(({ card }) => !everyones.has(card)).map(({ matter }) => matter);
  const others = written.filter(({ card }) => everyones.has(card)).map(({ matter }) => matter);
  const toolOf = ({ call }: Matter): string => call.tool;
  return [...inTurn(shuffled([...own, ...history], draw), toolOf), ...inTurn(shuffled(others, draw), toolOf)];
}

/** That of one card again; undefined where it is gone, or is no longer this person's to see. */
export async function materialOf(redis: Redis, caller: Caller, of: string): Promise<Matter | undefined> {
  const { keys, policy } = caller.current.snapshot;
  const written = forDrills(policy).find(({ name }) => libraryItem(name) === of);
  if (written !== undefined) return ofLibrary(written);
  const loaded = await loadRequest(redis, keys, of);
  return loaded !== undefined && isFit(caller, loaded) ? ofHistory(loaded) : undefined;
}
