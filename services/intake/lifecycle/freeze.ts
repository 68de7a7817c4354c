/** The kill switch, as the lifecycle sees it. */
import type { FreezeRecord } from '@countersign/shared/directory';
import { matchesGlob } from '@countersign/shared/policy';
import type { World } from './command.ts';

type Target = { agent: string; tool: string };

function covers(freeze: FreezeRecord, target: Target): boolean {
  if (freeze.scope === 'workspace') return true;
  return matchesGlob(freeze.match ?? '', freeze.scope === 'agent' ? target.agent : target.tool);
}

/** The freeze in force that stops this agent or tool now. */
export function freezeInForce(world: World, target: Target): FreezeRecord | undefined {
  return world.freezes.find((freeze) => freeze.lifted_at === undefined && covers(freeze, target));
}

/**
 * The first freeze set since `epoch` that covers it, lifted or not: a request that was pending during a freeze
 * is stopped by it even when nobody looked until after it was lifted.
 */
export function freezeSince(world: World, target: Target, epoch: number): FreezeRecord | undefined {
  return world.freezes
    .filter((freeze) => freeze.epoch > epoch && covers(freeze, target))
    .reduce<FreezeRecord | undefined>((a, b) => (a === undefined || b.epoch < a.epoch ? b : a), undefined);
}
