/** Why a drill is not changed, where the reason is not the card. */
import { type Problem, problem } from '@countersign/shared/contracts';

/** How often a change is tried where another surface of the same person changes it too. */
export const rounds = 5;
export const busy = problem('too_busy', 'Your drill is being changed elsewhere. Ask again.');

/** Of a drill that is not there, is over, or is somebody else's: no difference is told. */
export const noDrill = (id: string): Problem =>
  problem('not_found', `There is no drill ${id} of yours under way. Start one with POST /v1/drills.`);
