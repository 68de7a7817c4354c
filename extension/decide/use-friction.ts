import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/trouble.ts';
import { type Confirmations, noConfirmations, unconfirmed } from './friction.ts';

type Friction = RequestView['friction'];

export type FrictionHandle = {
  friction: Friction;
  confirmations: Confirmations;
  confirm: (next: Confirmations) => void;
  /** Paths that still want a tick or a value. */
  missing: string[];
};

const none: Friction = { kind: 'none', paths: [] };

/**
 * What the reviewer has to confirm about the arguments in front of them. It starts anew with every face, and takes in
 * what the server asks for on top when an edit raised the tier.
 */
export function useFriction(
  request: RequestView | null,
  args: JsonObject,
  face: string,
  trouble: Trouble | null,
): FrictionHandle {
  const [state, setState] = useState({ face, given: noConfirmations });
  const confirmations = state.face === face ? state.given : noConfirmations;
  const friction = raised(trouble) ?? request?.friction ?? none;
  return {
    friction,
    confirmations,
    confirm: (given) => setState({ face, given }),
    missing: unconfirmed(friction, args, confirmations),
  };
}

/** The friction that a refusal for missing confirmations names. */
function raised(trouble: Trouble | null): Friction | undefined {
  if (trouble?.code !== 'confirmation_missing') return undefined;
  const { friction } = trouble.extra;
  if (typeof friction !== 'object' || friction === null) return undefined;
  if (!('kind' in friction) || !('paths' in friction) || !Array.isArray(friction.paths)) return undefined;
  if (friction.kind !== 'acknowledge' && friction.kind !== 'retype') return undefined;
  return { kind: friction.kind, paths: friction.paths.filter((path) => typeof path === 'string') };
}
