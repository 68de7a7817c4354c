/**
 * One card of a drill. It looks as the request would look if policy were asked today: same templates, same findings,
 * same friction. Yet nothing is put on record, so there is nothing that any other call could find, decide or run. Pure.
 */
import { canonicalize } from '@countersign/shared/canonical';
import { valueAt } from '@countersign/shared/card';
import type { DrillFeedback, RequestView, Verdict } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { viewOf } from '@countersign/shared/request';
import type { Mutation } from '../canaries/mutate.ts';
import type { Proposal } from '../lifecycle/command.ts';
import { propose } from '../lifecycle/propose.ts';
import { deciders } from '../lifecycle/quorum.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import { drawFrom } from './chance.ts';
import type { Matter } from './matter.ts';
import type { DrillItem } from './record.ts';
import { witnessOf } from './witness.ts';

export type Card = {
  request: RequestView;
  /** What is wrong with it; of a right card, what could have been. */
  fault: Mutation;
  told: Pick<DrillFeedback, 'against' | 'look'>;
};

/** What a card is called: no request has an id like it. */
export const cardId = (drill: string, number: number): string => `${drill}-${number}`;

/** Opens nothing: it is never on record, so there is no bit to commit to. */
const noCanary = { salt: '', commitment: '' };

/**
 * The card that this is made into for this person. Undefined where nothing about it could be wrong and be seen to be,
 * where policy would not ask a human of tier medium or above, or not this one.
 */
export function cardFrom(
  { call, args: own, said, look, faulty }: Matter,
  { seed, wrong }: Pick<DrillItem, 'seed' | 'wrong'>,
  { id, at, person }: { id: string; at: number; person: string },
  current: Current,
): Card | undefined {
  const found = faulty(drawFrom(seed), current);
  if (found === undefined) return undefined;
  const { fault } = found;
  const [args, answer] = wrong ? [fault.args, found.wrong] : [own, found.right];
  const proposal: Proposal = {
    ...call,
    id,
    workspace: current.snapshot.workspace,
    args_digest: argsDigest(canonicalize(args)),
    canary: noCanary,
  };
  // Practice goes on while something is frozen: nothing of it would run anyway.
  const world = { ...worldOf(current), now: at, freezes: [] };
  const { request } = propose(proposal, answer, world);
  if (request.status !== 'pending' || deciders(request, [person], world).length === 0) return undefined;
  const { grantable: _nothing, ...plain } = request;
  const payload = { args, salt: '', why: answer.rules, said };
  const view = viewOf(
    // No deadline, no ladder, nobody told, nothing to edit: a drill asks for a verdict, and has all the time there is.
    {
      ...plain,
      expires_at: null,
      escalate: [],
      channels: [],
      terms: { ...plain.terms, editable: [], hold_ms: 0 },
    },
    { first: payload, current: payload },
    current.snapshot.groupsOf,
  );
  const against = witnessOf({ args: own, said }, fault.path, fault.right);
  return {
    request: view,
    fault,
    told: {
      ...(against === undefined ? {} : { against }),
      ...(wrong && look !== undefined ? { look } : {}),
    },
  };
}

/** What is told of a card at once: what was wrong, or what could have been, and what to hold it against. */
export function feedbackOn(
  { request, fault, told }: Card,
  { wrong }: Pick<DrillItem, 'wrong'>,
  card: number,
  verdict: Verdict,
): DrillFeedback {
  const { kind, path, right, difficulty } = fault;
  const shown = valueAt(request.args, path);
  return {
    ...{ card, verdict, wrong, path, difficulty },
    correct: isCorrect(verdict, wrong),
    ...(shown === undefined ? {} : { shown }),
    ...(wrong ? { right, kind } : {}),
    ...told,
  };
}

export const isCorrect = (verdict: Verdict, wrong: boolean): boolean => (verdict === 'reject') === wrong;
